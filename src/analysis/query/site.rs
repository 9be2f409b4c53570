//! Hosts and addresses as `site:`, `url:` and `links:` compare them.

use crate::model::{Network, Post};

/// An address without scheme and `www.`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address<'a> {
    /// Host and all that follows.
    pub(super) whole: &'a str,
    /// Host without port.
    pub(super) host: &'a str,
}

impl<'a> Address<'a> {
    pub(super) fn new(url: &'a str) -> Address<'a> {
        let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
        let whole = match bare.get(..4) {
            Some(www) if www.eq_ignore_ascii_case("www.") => &bare[4..],
            _ => bare,
        };
        let host = whole.split(['/', '?', '#', ':']).next().unwrap_or("");
        Address { whole, host }
    }

    /// The host, then without its first label, and so on.
    pub(super) fn suffixes(self) -> impl Iterator<Item = &'a str> {
        let mut rest = Some(self.host).filter(|host| !host.is_empty());
        std::iter::from_fn(move || {
            let host = rest?;
            rest = host.split_once('.').map(|(_, tail)| tail);
            Some(host)
        })
    }

    /// The address lies at this site (`bbc.com`, `reddit.com/r/rust`; lower case, canonical).
    pub(super) fn is_at(self, site: &str) -> bool {
        let (host, path) = site.split_at(site.find('/').unwrap_or(site.len()));
        let under_host = self.suffixes().any(|suffix| alias(suffix).eq_ignore_ascii_case(host));
        under_host && self.is_under_path(path.trim_end_matches('/'))
    }

    fn is_under_path(self, path: &str) -> bool {
        let own = self.whole.get(self.host.len()..).unwrap_or("");
        match own.get(..path.len()) {
            Some(head) => {
                let ends = own
                    .get(path.len()..)
                    .is_none_or(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
                head.eq_ignore_ascii_case(path) && (path.is_empty() || ends)
            }
            None => false,
        }
    }
}

/// One name for a site with several.
pub(super) fn alias(host: &str) -> &str {
    if host.eq_ignore_ascii_case("twitter.com") { "x.com" } else { host }
}

/// A site as asked for, with its alias resolved.
pub(super) fn canonical(site: &str) -> String {
    let (host, path) = site.split_at(site.find('/').unwrap_or(site.len()));
    format!("{}{path}", alias(host))
}

/// Where the post stands: its own address, else the home of its network.
pub(super) fn of_post<'a>(post: &'a Post<'_>) -> Option<&'a str> {
    let home = match post.network {
        Network::X => Some("x.com"),
        Network::Bluesky => Some("bsky.app"),
        Network::Reddit => Some("reddit.com"),
        Network::YouTube => Some("youtube.com"),
        Network::HackerNews => Some("news.ycombinator.com"),
        Network::Telegram => Some("t.me"),
        Network::Weibo => Some("weibo.com"),
        Network::Mastodon | Network::Rss | Network::Other => None,
    };
    post.url.as_deref().or(home)
}

/// ISO 3166 codes of two or three letters, in any case.
pub(super) fn same_country(wanted: &str, found: &str) -> bool {
    wanted.eq_ignore_ascii_case(found)
        || two_letters(wanted).is_some_and(|code| two_letters(found) == Some(code))
}

/// An ISO 3166 code as the one of two letters, in lower case.
pub(super) fn two_letters(code: &str) -> Option<[u8; 2]> {
    match *code.as_bytes() {
        [a, b] => Some([a, b].map(|letter| letter.to_ascii_lowercase())),
        [a, b, c] => {
            let three = [a, b, c].map(|letter| letter.to_ascii_lowercase());
            COUNTRIES.as_bytes().chunks(6).find(|row| row[..3] == three).map(|row| [row[3], row[4]])
        }
        _ => None,
    }
}

/// The text is an ISO 3166 code of two or three letters.
pub(super) fn is_country(code: &str) -> bool {
    two_letters(code).is_some_and(|two| COUNTRIES.as_bytes().chunks(6).any(|row| row[3..5] == two))
}

/// Every country, as its code of two letters.
#[cfg(test)]
pub(super) fn all_countries() -> impl Iterator<Item = &'static str> {
    COUNTRIES.split_ascii_whitespace().map(|row| &row[3..])
}

/// Three letters, two letters, blank.
const COUNTRIES: &str = "abwaw afgaf agoao aiaai alaax albal andad areae argar armam asmas ataaq atftf atgag ausau \
autat azeaz bdibi belbe benbj besbq bfabf bgdbd bgrbg bhrbh bhsbs bihba blmbl blrby blzbz bmubm bolbo brabr brbbb \
brnbn btnbt bvtbv bwabw cafcf canca cckcc chech chlcl chncn civci cmrcm codcd cogcg cokck colco comkm cpvcv cricr \
cubcu cuwcw cxrcx cymky cypcy czecz deude djidj dmadm dnkdk domdo dzadz ecuec egyeg erier esheh espes estee ethet \
finfi fjifj flkfk frafr frofo fsmfm gabga gbrgb geoge ggygg ghagh gibgi gingn glpgp gmbgm gnbgw gnqgq grcgr grdgd \
grlgl gtmgt gufgf gumgu guygy hkghk hmdhm hndhn hrvhr htiht hunhu idnid imnim indin iotio irlie irnir irqiq islis \
isril itait jamjm jeyje jorjo jpnjp kazkz kenke kgzkg khmkh kirki knakn korkr kwtkw laola lbnlb lbrlr lbyly lcalc \
lieli lkalk lsols ltult luxlu lvalv macmo mafmf marma mcomc mdamd mdgmg mdvmv mexmx mhlmh mkdmk mliml mltmt mmrmm \
mneme mngmn mnpmp mozmz mrtmr msrms mtqmq musmu mwimw mysmy mytyt namna nclnc nerne nfknf ngang nicni niunu nldnl \
norno nplnp nrunr nzlnz omnom pakpk panpa pcnpn perpe phlph plwpw pngpg polpl pripr prkkp prtpt prypy pseps pyfpf \
qatqa reure rouro rusru rwarw sausa sdnsd sensn sgpsg sgsgs shnsh sjmsj slbsb slesl slvsv smrsm somso spmpm srbrs \
ssdss stpst sursr svksk svnsi swese swzsz sxmsx sycsc syrsy tcatc tcdtd tgotg thath tjktj tkltk tkmtm tlstl tonto \
ttott tuntn turtr tuvtv twntw tzatz ugaug ukrua umium uryuy usaus uzbuz vatva vctvc venve vgbvg virvi vnmvn vutvu \
wlfwf wsmws yemye zafza zmbzm zwezw ";

#[cfg(test)]
mod tests {
    use super::{Address, COUNTRIES, same_country};

    fn check(site: &str, url: &str, expected: bool) {
        assert_eq!(Address::new(url).is_at(site), expected, "{site} holds {url}");
    }

    #[test]
    fn sites() {
        check("bbc.com", "https://www.news.bbc.com/x", true);
        check("bbc.com", "https://notbbc.com/x", false);
        check("bbc.com", "https://bbc.com.example.org/x", false);
        check("reddit.com/r/rust", "https://old.reddit.com/r/Rust/comments/1", true);
        check("reddit.com/r/rust", "https://reddit.com/r/rustlang", false);
        check("x.com", "https://twitter.com/a/status/1", true);
    }

    #[test]
    fn countries() {
        assert_eq!(COUNTRIES.len() % 6, 0);
        assert!(
            COUNTRIES
                .as_bytes()
                .chunks(6)
                .all(|row| row[5] == b' ' && row[..5].iter().all(u8::is_ascii_lowercase))
        );
        assert!(same_country("gbr", "GB") && same_country("us", "USA") && same_country("deu", "DEU"));
        assert!(!same_country("usa", "GB") && !same_country("xyz", "ZZ"));
    }
}
