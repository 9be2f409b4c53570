//! Emoticons and the commonest kaomoji, by list.

/// Longest first within one first byte. All lower case; compared without case.
const FACES: &[&str] = &[
    ":'-(", ":'-)", ":'(", ":')", ":-))", ":-((", ":-)", ":-(", ":-d", ":-p", ":-o", ":-/", ":-\\", ":-|",
    ":-*", ":-3", ":-x", ":-s", ":))", ":((", ":)", ":(", ":d", ":p", ":o", ":/", ":\\", ":|", ":*", ":3",
    ":x", ":]", ":[", ":}", ":{", ":@", ";-)", ";-d", ";-p", ";-(", ";_;", ";)", ";d", ";p", ";(", "=))",
    "=)", "=(", "=d", "=p", "=/", "=3", "<3", "</3", "<(^_^)>", ">_<", ">.<", ">:(", ">:)", ">:-(", ">:d",
    "^_^", "^-^", "^.^", "^o^", "^^", "-_-", "-__-", "-.-",
];

/// Begin with a letter, so they are found as words first.
const WORD_FACES: &[&str] =
    &["xd", "xdd", "t_t", "t.t", "o_o", "o.o", "0_0", "u_u", "q_q", "x-d", "n_n", "x_x"];

/// Longest first.
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

/// May begin a face that is no word.
pub(super) const fn is_start(byte: u8) -> bool {
    matches!(byte, b':' | b';' | b'=' | b'<' | b'>' | b'^' | b'-' | b'(')
}

/// May begin a kaomoji, ASCII aside.
pub(super) fn is_kaomoji_start(c: char) -> bool {
    matches!(c, '┬' | '¯' | '╮' | 'ಠ' | 'ʕ' | '（')
}

/// Length in bytes of the face at `at`.
pub(super) fn face_len(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    if rest.first() == Some(&b'(') {
        return kaomoji_len(text, at);
    }
    let first = rest.first()?;
    let faces = FACES.iter().filter(|face| face.as_bytes().first() == Some(first));
    faces
        .map(|face| face.as_bytes())
        .filter(|face| starts(rest, face) && fits(text.as_bytes(), at, face))
        .map(<[u8]>::len)
        .max()
}

/// Length in bytes of the kaomoji at `at`.
pub(super) fn kaomoji_len(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    KAOMOJI.iter().find(|face| starts(rest, face.as_bytes())).map(|face| face.len())
}

/// Length in bytes of a face that begins like a word of at most three letters, `xD`.
pub(super) fn word_face_len(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    // The second byte tells most words apart from all faces at once.
    if !matches!(rest.get(1), Some(b'd' | b'D' | b'_' | b'.' | b'-')) {
        return None;
    }
    let faces = WORD_FACES.iter().map(|face| face.as_bytes());
    faces.filter(|face| starts(rest, face) && fits(text.as_bytes(), at, face)).map(<[u8]>::len).max()
}

fn starts(text: &[u8], face: &[u8]) -> bool {
    text.get(..face.len()).is_some_and(|head| head.eq_ignore_ascii_case(face))
}

/// What stands around must not make it something else: `10:30`, `http://`, `f(x=3)`, `list:(a)`.
fn fits(text: &[u8], at: usize, face: &[u8]) -> bool {
    let before = at.checked_sub(1).and_then(|i| text.get(i)).copied().unwrap_or(b' ');
    let after = text.get(at + face.len()).copied().unwrap_or(b' ');
    let (first, last) = (face.first().copied().unwrap_or(b' '), face.last().copied().unwrap_or(b' '));
    let glued_after = after.is_ascii_alphanumeric() || after == b'_';
    match last {
        b')' | b']' | b'}' => first != b'=' || !before.is_ascii_alphanumeric(),
        b'^' | b'-' | b'<' | b'>' | b'_' | b';' => before != first && after != last,
        b'/' | b'\\' | b'*' | b'|' if after == last => false,
        b'@' if after >= 0x80 => false,
        _ if glued_after => false,
        b'3' => !before.is_ascii_digit() && (first != b'=' || !before.is_ascii_alphanumeric()),
        _ if first == b'=' => !before.is_ascii_alphanumeric(),
        _ => !before.is_ascii_digit() || !last.is_ascii_alphanumeric(),
    }
}
