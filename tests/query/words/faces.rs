//! Emoticons. The page has none: which ones there are, and what must not stand beside them, is decided by the product
//! (`10:30`, `list:(a)`, `f(x=3)`, `1<3` and `https://` hold none), so this is its list, and its decision again.

const FACES: &[&str] = &[
    ":'-(", ":'-)", ":'(", ":')", ":-))", ":-((", ":-)", ":-(", ":-d", ":-p", ":-o", ":-/", ":-\\", ":-|",
    ":-*", ":-3", ":-x", ":-s", ":))", ":((", ":)", ":(", ":d", ":p", ":o", ":/", ":\\", ":|", ":*", ":3",
    ":x", ":]", ":[", ":}", ":{", ":@", ";-)", ";-d", ";-p", ";-(", ";_;", ";)", ";d", ";p", ";(", "=))",
    "=)", "=(", "=d", "=p", "=/", "=3", "<3", "</3", "<(^_^)>", ">_<", ">.<", ">:(", ">:)", ">:-(", ">:d",
    "^_^", "^-^", "^.^", "^o^", "^^", "-_-", "-__-", "-.-",
];

const WORDS: &[&str] = &["xd", "xdd", "t_t", "t.t", "o_o", "o.o", "0_0", "u_u", "q_q", "x-d", "n_n", "x_x"];

/// Faces that are known wherever they stand.
const KAOMOJI: &[&str] = &[
    "(╯°□°）╯︵ ┻━┻",
    "(╯°□°)╯︵ ┻━┻",
    "(ノಠ益ಠ)ノ彡┻━┻",
    "┬─┬ ノ( ゜-゜ノ)",
    "┬─┬ノ( º _ ºノ)",
    "¯\\_(ツ)_/¯",
    "¯\\(ツ)/¯",
    "( ͡° ͜ʖ ͡°)",
    "(づ｡◕‿‿◕｡)づ",
    "(ﾉ◕ヮ◕)ﾉ*:･ﾟ✧",
    "(๑•̀ㅂ•́)و✧",
    "(๑•̀ㅂ•́)و",
    "(｡♥‿♥｡)",
    "(´・ω・`)",
    "(´;ω;`)",
    "(*´▽`*)",
    "(*´∀`*)",
    "(｀・ω・´)",
    "(≧▽≦)",
    "(≧∇≦)",
    "╮(╯▽╰)╭",
    "╮(╯_╰)╭",
    "(╥﹏╥)",
    "(ㄒoㄒ)",
    "(・∀・)",
    "(･ω･)",
    "(ˉ▽ˉ)",
    "(￣▽￣)",
    "(￣ー￣)",
    "(⊙o⊙)",
    "(⊙_⊙)",
    "(•_•)",
    "(¬_¬)",
    "(ಠ_ಠ)",
    "ಠ_ಠ",
    "ʕ•ᴥ•ʔ",
    "（＾∀＾）",
    "(＾▽＾)",
    "(^_^)",
    "(-_-)",
    "(>_<)",
    "(t_t)",
    "(o_o)",
    "(^-^)",
    "(;_;)",
    "(^o^)",
];

/// The bytes of the face at a place of the source where no word begins.
pub(super) fn sign(text: &str, at: usize) -> Option<usize> {
    kaomoji(text, at).or_else(|| longest(FACES, text, at))
}

/// The same where a word of so many bytes begins: only what looks like a short word is a face.
pub(super) fn word(text: &str, at: usize, bytes: usize) -> Option<usize> {
    (bytes <= 3).then(|| longest(WORDS, text, at))?
}

/// Kaomoji begin with a bracket or with a sign that is part of no word.
fn kaomoji(text: &str, at: usize) -> Option<usize> {
    let begins = text[at..].starts_with(['(', '（', '┬', '¯', '╮', 'ಠ', 'ʕ']);
    KAOMOJI.iter().filter(|face| begins && starts(text, at, face)).map(|face| face.len()).next()
}

fn longest(faces: &[&str], text: &str, at: usize) -> Option<usize> {
    faces.iter().filter(|face| starts(text, at, face) && fits(text, at, face)).map(|face| face.len()).max()
}

fn starts(text: &str, at: usize, face: &str) -> bool {
    text.get(at..at + face.len()).is_some_and(|head| head.eq_ignore_ascii_case(face))
}

/// What stands beside it does not make it something else.
fn fits(text: &str, at: usize, face: &str) -> bool {
    let (before, after) =
        (text[..at].chars().next_back().unwrap_or(' '), text[at + face.len()..].chars().next());
    let (first, last) = (face.chars().next().unwrap_or(' '), face.chars().next_back().unwrap_or(' '));
    let after = after.unwrap_or(' ');
    let assigned = first == '=' && before.is_ascii_alphanumeric();
    match last {
        ')' | ']' | '}' => !assigned,
        '^' | '-' | '<' | '>' | '_' | ';' => before != first && after != last,
        '/' | '\\' | '*' | '|' if after == last => false,
        '@' if !after.is_ascii() => false,
        _ if after.is_ascii_alphanumeric() || after == '_' => false,
        '3' => !before.is_ascii_digit() && !assigned,
        _ if first == '=' => !assigned,
        last => !before.is_ascii_digit() || !last.is_ascii_alphanumeric(),
    }
}
