//! Where on earth: `continent:`, `region:` and `city:` against the place that a feed states.

use super::site::{same_country, two_letters};
use crate::model::Geo;

/// The continents, spelled as the language does.
pub(super) const CONTINENTS: &[&str] =
    &["africa", "antarctica", "asia", "europe", "north_america", "oceania", "south_america"];

/// ISO 3166 codes by continent, in the order of [`CONTINENTS`], after the regions of the United Nations.
const COUNTRIES: [&str; 7] = [
    "dz ao bj bw bf bi cv cm cf td km cg cd ci dj eg gq er sz et ga gm gh gn gw ke ls lr ly mg mw ml mr mu yt ma \
     mz na ne ng re rw sh st sn sc sl so za ss sd tz tg tn ug eh zm zw io",
    "aq bv hm gs tf",
    "af am az bh bd bt bn kh cn cy ge hk in id ir iq il jp jo kz kw kg la lb mo my mv mn mm np kp om pk ps ph qa \
     sa sg kr lk sy tw tj th tl tr tm ae uz vn ye cx cc",
    "al ad at by be ba bg hr cz dk ee fo fi fr de gi gr gg hu is ie im it je lv li lt lu mt md mc me nl mk no pl \
     pt ro ru sm rs sk si es sj se ch ua gb va ax",
    "ai ag aw bs bb bz bm bq vg ca ky cr cu cw dm do sv gl gd gp gt ht hn jm mq mx ms ni pa pr bl kn lc mf pm vc \
     sx tt tc us vi",
    "as au ck fj pf gu ki mh fm nr nc nz nu nf mp pw pg pn ws sb tk to tv um vu wf",
    "ar bo br cl co ec fk gf gy py pe sr uy ve",
];

/// The continent of a country code of two or three letters.
pub(super) fn continent(country: &str) -> Option<&'static str> {
    let code = two_letters(country)?;
    let at = COUNTRIES.iter().position(|list| list.as_bytes().chunks(3).any(|one| one.starts_with(&code)))?;
    CONTINENTS.get(at).copied()
}

/// The region or city (`own`) lies in `asked`: its name, or a path from the country down, such as `usa.fl`, that does not go
/// on below it. A path to a city passes a region that the feed does not state.
pub(super) fn lies_in(geo: &Geo<'_>, own: Option<&str>, asked: &str) -> bool {
    let is = |stated: Option<&str>, wanted: &str| stated.is_some_and(|stated| same_name(stated, wanted));
    let Some(name) = own else { return false };
    if same_name(name, asked) {
        return true;
    }
    let country = |code: &str| geo.country.as_deref().is_some_and(|stated| same_country(code, stated));
    let (region, city) = (geo.region.as_deref(), geo.city.as_deref());
    let mut parts = asked.splitn(3, '.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(code), None, _) => country(code),
        (Some(code), Some(wanted), None) => country(code) && is(region, wanted),
        (Some(code), Some(wanted), Some(last)) => {
            country(code) && (region.is_none() || is(region, wanted)) && is(city, last)
        }
        _ => false,
    }
}

/// In any case, with `_` for a blank. `wanted` is in lower case.
fn same_name(stated: &str, wanted: &str) -> bool {
    let plain = |c: char| if c == '_' { ' ' } else { c };
    stated.chars().flat_map(char::to_lowercase).map(plain).eq(wanted.chars().map(plain))
}

#[cfg(test)]
mod tests {
    use super::super::site;
    use super::*;

    #[test]
    fn every_country_has_one_continent() {
        let listed: Vec<&str> = COUNTRIES.iter().flat_map(|list| list.split(' ')).collect();
        for code in site::all_countries() {
            assert_eq!(listed.iter().filter(|two| **two == code).count(), 1, "{code}");
            assert!(continent(code).is_some(), "{code}");
        }
        assert_eq!(listed.len(), site::all_countries().count());
        assert_eq!(continent("USA"), Some("north_america"));
        assert_eq!(continent("de"), Some("europe"));
        assert_eq!(continent("europe"), None);
    }

    #[test]
    fn paths_and_names() {
        let geo = |country, region, city| Geo { country, region, city, ..Geo::default() };
        let miami = geo(Some("US".into()), Some("FL".into()), Some("Miami Beach".into()));
        let check = |own, asked: &str, expected: bool| {
            assert_eq!(lies_in(&miami, own, asked), expected, "{asked}");
        };
        check(Some("FL"), "usa.fl", true);
        check(Some("FL"), "fl", true);
        check(Some("FL"), "can.fl", false);
        check(Some("FL"), "us", true);
        check(Some("Miami Beach"), "usa.fl.miami_beach", true);
        check(Some("Miami Beach"), "miami beach", true);
        check(Some("Miami Beach"), "usa.fl.tampa", false);
        check(Some("Miami Beach"), "usa.ga.miami beach", false);
        let berlin = geo(Some("DE".into()), None, Some("Berlin".into()));
        assert!(lies_in(&berlin, Some("Berlin"), "deu.berlin.berlin"), "a feed without regions");
        assert!(!lies_in(&Geo::default(), None, "usa.fl"));
        assert!(!lies_in(&berlin, None, "deu"), "no region is stated");
    }
}
