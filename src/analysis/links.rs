//! Addresses reduced to one spelling each, so that the same link is counted once.

/// Query parameters that say where a click came from, not where it goes.
const TRACKING: [&str; 7] = ["utm_", "fbclid", "gclid", "igshid", "mc_cid", "mc_eid", "ref_src"];

/// The address without scheme, `www.`, fragment, tracking parameters and trailing slash; host in lower case.
///
/// ```
/// use earful::analysis::normalise_link;
/// assert_eq!(normalise_link("https://www.YouTube.com/watch?v=5YGc4zOqozo&utm_source=x#t=1"), "youtube.com/watch?v=5YGc4zOqozo");
/// assert_eq!(normalise_link("http://example.org/"), "example.org");
/// ```
#[must_use]
pub fn normalise_link(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or("");
    let (place, query) = rest.split_once('?').map_or((rest, ""), |(place, query)| (place, query));
    let host_end = place.find('/').unwrap_or(place.len());
    let (host, path) = place.split_at(host_end);
    let host = host.to_lowercase();
    let mut out = String::with_capacity(url.len());
    out.push_str(host.strip_prefix("www.").unwrap_or(&host));
    out.push_str(path.trim_end_matches('/'));
    append_query(query, &mut out);
    out
}

fn append_query(query: &str, out: &mut String) {
    let mut separator = '?';
    for parameter in query.split('&').filter(|p| !p.is_empty() && !is_tracking(p)) {
        out.push(separator);
        out.push_str(parameter);
        separator = '&';
    }
}

fn is_tracking(parameter: &str) -> bool {
    TRACKING.iter().any(|prefix| parameter.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::normalise_link;

    #[test]
    fn one_spelling_for_one_place() {
        let check = |url: &str, expected: &str| assert_eq!(normalise_link(url), expected, "{url}");
        check("HTTPS://WWW.Example.com/A/b/", "example.com/A/b");
        check("example.com?utm_medium=a&x=1&fbclid=2&y=", "example.com?x=1&y=");
        check("https://m.weibo.cn/status/4#a?b", "m.weibo.cn/status/4");
        check("", "");
        check("https://", "");
        check("http://bücher.example/ß?q=ü", "bücher.example/ß?q=ü");
    }
}
