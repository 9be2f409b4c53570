//! What a word is, where the model of the page and the product once differed.

use crate::common::{find, text_post};

fn check(query: &str, text: &str, expected: bool) {
    assert_eq!(find(query, &text_post(text)).is_some(), expected, "{query} on {text}");
}

#[test]
fn the_name_of_a_possessive_in_capitals_is_found_as_it_is_written() {
    check("{TESLA}", "TESLA'S STOCK", true);
    check("{TESLA}", "TESLA’S STOCK", true);
    check("{TESLA}", "Tesla's stock", false);
    check("tesla", "TESLA'S STOCK", true);
}

#[test]
fn other_shapes_of_a_letter_are_that_letter() {
    // Radicals come out of PDF files in place of characters.
    check("手机", "我的⼿机", true);
    check("⼿机", "我的手机", true);
    check("手机", "⼿ 机", true);
    check("一", "㊀", true);
    check("ア", "㋐", true);
    check("手", "🈐", true);
    check("вода", "ᲀода", true);
}

#[test]
fn a_selector_is_no_part_of_an_emoji_as_it_is_written() {
    check("{❤️}", "I ❤ it", true);
    check("{❤}", "I ❤️ it", true);
    check("{👍🏽}", "👍", false);
    check("{👍}", "👍🏽", false);
}

#[test]
fn a_tag_right_behind_a_tag_is_one() {
    for text in ["#one#two", "#привет#мир", "#münchen#österreich", "#a #été"] {
        let last = text.rsplit('#').next().unwrap();
        check(&format!("#{last}"), text, true);
    }
    check("#iphone15", "#iPhone15#新品", true);
}

#[test]
fn an_address_holds_letters_of_all_scripts_with_blanks() {
    for address in [
        "www.großhandel.de/a",
        "https://fr.wikipedia.org/wiki/Œuvre_a",
        "https://hi.wikipedia.org/wiki/हिन्दी_a",
    ] {
        let post = format!("see {address} now");
        let found = find("see NEAR/1 now", &text_post(&post));
        assert!(found.is_some(), "{address} is one position");
    }
    check("grosshandel", "www.großhandel.de", false);
    check("oeuvre", "https://fr.wikipedia.org/wiki/Œuvre", false);
}

#[test]
fn the_first_part_of_a_handle_keeps_its_accent() {
    check("@müller", "@Müller微软", true);
    check("@muller", "@Müller微软", true);
    check("{@Müller}", "@Müller微软", true);
    check("@a", "@aИван", false);
    check("\"@nike ㅋㅋ\"", "@nikeㅋㅋ", true);
}

#[test]
fn a_keycap_is_no_part_of_the_word_or_tag_before() {
    check("don", "don'1️⃣", true);
    check("{don}", "don’1️⃣", true);
    check("#️⃣", "#微软#️⃣", true);
    check("#️⃣", "#привет#️⃣", true);
}

#[test]
fn the_sign_that_closes_a_tag_is_in_its_place() {
    check("\"题# 今天\"", "#话题# 今天", true);
    check("\"题# 今天\"", "#话题 今天", false);
    check("\"题今天\"", "#话题#今天", true);
    check("\"题!今天\"", "#话题#今天", false);
}

#[test]
fn a_tag_takes_one_sign_and_further_ones_are_in_their_place() {
    check("##apple", "##apple", true);
    check("##apple", "#apple", false);
    check("\"#话题##\"", "#话题##", true);
    check("\"#话题##\"", "#话题#", false);
    check("\"#话题#\"", "#话题", true);
    check("\"#a ##b\"", "#a ##b", true);
    check("\"#a ##b\"", "#a #b", false);
}

#[test]
fn a_name_with_loose_marks_is_whole() {
    check("@niño", "@nin\u{303}o", true);
    check("@nino", "@nin\u{303}o", true);
    check("@nin", "@nin\u{303}o", false);
    check("1️⃣", "#juice1️⃣", true);
    check("#juice", "#juice1️⃣", true);
    check("@juice", "@juice1️⃣", true);
    check("$TSLA", "$TSLA1️⃣", true);
}
