//! Words beside a name, exceptions, and names that are as the one before or its opposite.

use earful::model::Language;

use super::check;

#[test]
fn who_is_liked_as_little_as_another_is_blamed() {
    for (text, expected) in [
        ("I like neither Heron nor Plover", "--"),
        ("I love neither Heron nor Plover", "--"),
        ("I don't like Heron or Plover", "--"),
        ("I don't like Heron or Plover at all", "--"),
        ("I do not like Heron and I do not like Plover", "--"),
        ("Can't stand Heron or Plover", "--"),
        ("Neither Heron nor Plover answered my emails", "--"),
        ("Neither Heron nor Plover let me down", "++"),
        ("Neither Heron nor Plover could tell me when the engineer comes", "--"),
    ] {
        check(Language::EN, text, expected);
    }
}

#[test]
fn an_exception_is_what_the_others_are_not() {
    for (text, expected) in [
        ("apart from Heron they were all late, Plover was the worst", "+-"),
        ("Nobody answered but Heron. Plover was the worst", "+-"),
        ("Nobody but Heron answered. Plover was the worst", "+-"),
        ("With the exception of Heron they were all rude. Plover was the worst", "+-"),
        ("Aside from Heron nobody helped. Plover was the worst", "+-"),
        ("All were lovely apart from the ones at Heron. Plover was the best", "-+"),
        ("Everybody was rude but Heron. Plover was the worst", "+-"),
        // Nobody else is named.
        ("Everybody was rude except Heron", "+"),
        ("Nobody answered but Heron", "+"),
        ("Nobody but Heron answered", "+"),
        ("Every app I have crashes, with the exception of Heron", "+"),
        ("All of them were lovely apart from Heron", "-"),
        ("Everything was wonderful but Heron", "-"),
        ("Everything about Heron is wonderful except the price", "+"),
        ("I love everything but the price at Heron", "+"),
        ("All but Heron were late", "+"),
    ] {
        check(Language::EN, text, expected);
    }
    for (text, expected) in [("除了苍鹭，其他都很差", "+"), ("除了苍鹭都不行", "+")] {
        check(Language::ZH, text, expected);
    }
}

#[test]
fn a_name_is_as_the_one_before_or_its_opposite() {
    for (text, expected) in [
        ("Heron was late every day. Plover wasn't", "-+"),
        ("Heron answers within the hour. Plover never does", "+-"),
        ("Heron crashed twice. Plover too", "--"),
        ("Heron lost my bag, so did Plover", "--"),
        ("Heron is wonderful and so is Plover", "++"),
        ("Heron is rude. Plover is the exact opposite", "-+"),
        ("Is Heron on time? Does Plover?", "00"),
    ] {
        check(Language::EN, text, expected);
    }
    check(Language::ZH, "苍鹭天天闪退，岚岛就不会", "-+");
    check(Language::ZH, "苍鹭丢了我的行李，岚岛也一样", "--");
}

#[test]
fn some_words_judge_the_name_beside_them_alone() {
    for (text, expected) in [
        ("Done with Heron. Plover all day", "-+"),
        ("Never going back to Heron. Plover it is", "-+"),
        ("No way I'm going back to Heron now I've got Plover", "-+"),
        ("Heron is fine but I'd rather have a Plover", "0+"),
        ("Is Heron any good or should I go with Plover?", "00"),
        ("Heron could learn a lot from Plover", "-+"),
        ("Heron is slow compared to Plover", "-+"),
        ("Compared to Heron Plover is slow", "+-"),
        ("I am not with Heron, I work for Plover", "00"),
        ("Heron for me, not Plover", "+-"),
    ] {
        check(Language::EN, text, expected);
    }
    check(Language::ZH, "再也不用苍鹭了，岚岛真香", "-+");
}

#[test]
fn chinese_words_of_comparison_stand_around_a_name() {
    for (text, expected) in [
        ("和苍鹭相比，岚岛太慢了", "+-"),
        ("跟苍鹭比，岚岛太慢了", "+-"),
        ("跟苍鹭比，岚岛好用多了", "-+"),
        ("比起苍鹭，岚岛太慢了", "+-"),
        ("比起苍鹭，岚岛好用多了", "-+"),
        ("与苍鹭相比，岚岛的客服贴心多了", "-+"),
        ("和苍鹭比起来，岚岛就是垃圾", "+-"),
        ("苍鹭和岚岛相比差远了", "-+"),
        ("苍鹭和岚岛都很好用", "++"),
        ("苍鹭和岚岛比较近", "00"),
    ] {
        check(Language::ZH, text, expected);
    }
}
