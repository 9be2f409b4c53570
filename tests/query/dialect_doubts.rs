//! Queries of other products: what is read otherwise than its writer may think is told.

use earful::analysis::query::dialect::{Dialect, translate};

use crate::dialect::{check, refused};

/// The translation, and the code at the place.
fn doubted(dialect: Dialect, theirs: &str, ours: &str, code: &str, place: &str) {
    check(dialect, theirs, ours);
    refused(dialect, theirs, code, place);
}

fn quiet(dialect: Dialect, theirs: &str) {
    let problems = translate(theirs, dialect).problems;
    assert!(problems.is_empty(), "{theirs}: {problems:?}");
}

#[test]
fn operators_of_other_products_are_words() {
    doubted(Dialect::YouScan, "apple /x pie", "apple AND /x AND pie", "W401", "/x");
    doubted(Dialect::YouScan, "apple /2f pie", "apple AND /2f AND pie", "W401", "/2f");
    doubted(Dialect::X, "apple NEAR/5 pie", "apple AND \"NEAR/5\" AND pie", "W401", "NEAR/5");
    doubted(Dialect::X, "apple NEAR pie", "apple AND \"NEAR\" AND pie", "W401", "NEAR");
    doubted(Dialect::Sprinklr, "apple w/5 pie", "apple AND w/5 AND pie", "W401", "w/5");
    doubted(Dialect::Talkwalker, "apple /4 pie", "apple AND /4 AND pie", "W401", "/4");
    doubted(Dialect::Meltwater, "apple SENTENCE pie", "apple AND SENTENCE AND pie", "W401", "SENTENCE");
    doubted(Dialect::Talkwalker, "apple ANDNOT pie", "apple NOT pie", "W401", "ANDNOT");
    quiet(Dialect::X, "pie w/o sugar near me");
    quiet(Dialect::YouScan, "/r/apple sentence");
    quiet(Dialect::X, "\"NEAR/5\" \"and\"");
}

#[test]
fn operators_in_lower_case_are_words() {
    for (dialect, _) in Dialect::ALL {
        doubted(*dialect, "acme and pie", "acme AND \"and\" AND pie", "W101", "and");
        doubted(*dialect, "acme Or pie", "acme AND \"Or\" AND pie", "W101", "Or");
        doubted(*dialect, "acme not pie", "acme AND \"not\" AND pie", "W101", "not");
    }
    doubted(Dialect::Meltwater, "apple near/4 pie", "apple AND \"near/4\" AND pie", "W101", "near/4");
    doubted(Dialect::X, "apple near/4 pie", "apple AND \"near/4\" AND pie", "W401", "near/4");
    quiet(Dialect::X, "acme lang:or");
}

#[test]
fn a_minus_that_is_not_documented_excludes() {
    for dialect in [Dialect::Meltwater, Dialect::Pulsar, Dialect::Sprinklr, Dialect::Cision, Dialect::NetBase]
    {
        doubted(dialect, "apple -pie", "apple NOT pie", "W401", "-");
        doubted(dialect, "apple AND (-\"new pie\")", "apple NOT \"new pie\"", "W401", "-");
        quiet(dialect, "coca-cola");
    }
    quiet(Dialect::X, "apple -pie");
    quiet(Dialect::Talkwalker, "apple -pie");
}

#[test]
fn commas_do_not_vanish() {
    doubted(Dialect::X, "apple,pie", "apple AND pie", "W109", ",");
    doubted(Dialect::Meltwater, "(apple; pie)", "apple AND pie", "W109", ";");
    doubted(Dialect::Pulsar, "BY_TWITTER(ann), pie", "author:ann AND pie", "W109", ",");
    quiet(Dialect::Pulsar, "BY_TWITTER(ann, bob)");
}

#[test]
fn a_part_of_an_address_is_no_beginning() {
    doubted(Dialect::Pulsar, "IN_URL(acme)", "links:acme", "W401", "IN_URL(acme)");
    doubted(Dialect::X, "url:acme", "links:acme", "W401", "url:acme");
    doubted(Dialect::X, "url_contains:acme", "links:acme", "W401", "url_contains:acme");
    doubted(
        Dialect::Pulsar,
        "IN_URL(a.com OR acme)",
        "links:(a.com OR acme)",
        "W401",
        "IN_URL(a.com OR acme)",
    );
    quiet(Dialect::Pulsar, "IN_URL(acme.com)");
    quiet(Dialect::X, "url:\"https://acme.com/a\"");
}

#[test]
fn an_idle_tilde_is_told() {
    doubted(Dialect::X, "\"Acme\"~1", "\"Acme\"", "W104", "\"Acme\"~1");
    doubted(Dialect::Sprinklr, "(apple OR pie)~3", "apple OR pie", "W104", "(apple OR pie)~3");
    quiet(Dialect::Sprinklr, "(apple AND pie)~3");
}

#[test]
fn a_sample_is_one_of_other_posts() {
    let done = translate("acme sample:10", Dialect::X);
    assert!(done.problems[0].message.contains("keeps 10 % of the posts that match"), "{:?}", done.problems);
}
