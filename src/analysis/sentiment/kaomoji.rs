//! Kaomoji: faces put together of eyes and a mouth, in any language.
//!
//! There are more faces than a list can hold, but few eyes and few mouths: `parts.tsv` rates these, and the faces are
//! all their combinations. What is drawn around them (cheeks, arms, brackets) does not matter.

use rustc_hash::FxHashSet;

const PARTS: &str = include_str!("../../../lexicons/kaomoji/parts.tsv");

/// Faces with less than this in tenths of a point, up or down, say nothing.
const LEAST: i32 = 5;
/// As much as a word can have.
const MOST: i32 = 30;

/// A line of the parts.
struct Line {
    kind: &'static str,
    left: &'static str,
    right: &'static str,
    tenths: i32,
}

/// A face and its valence in points; 0 for those that say nothing.
pub(super) type Face = (String, f64);

/// Every face, once.
pub(super) fn faces() -> Vec<Face> {
    let lines: Vec<Line> = lines().collect();
    let of = |kind: &'static str| lines.iter().filter(move |line| line.kind == kind);
    let whole = of("whole").map(|face| (face.left.to_owned(), face.tenths));
    let composed = of("eyes").flat_map(|eyes| {
        of("mouth").map(move |mouth| {
            (format!("{}{}{}", eyes.left, mouth.left, eyes.right), eyes.tenths + mouth.tenths)
        })
    });
    let mut known = FxHashSet::default();
    // tot and 030 are words and numbers more often.
    let is_drawn = |face: &str| !face.bytes().all(|b| b.is_ascii_alphanumeric());
    let new = whole.chain(composed).filter(|(face, _)| is_drawn(face) && known.insert(face.clone()));
    new.map(|(face, tenths)| (face, points(tenths))).collect()
}

fn points(tenths: i32) -> f64 {
    if tenths.abs() < LEAST { 0.0 } else { f64::from(tenths.clamp(-MOST, MOST)) / 10.0 }
}

fn lines() -> impl Iterator<Item = Line> {
    PARTS.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        let mut next = || fields.next();
        let (kind, left, right) = (next()?, next()?, next()?);
        Some(Line { kind, left, right, tenths: next()?.parse().ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(face: &str, expected: Option<f64>) {
        let faces = faces();
        let found = faces.iter().find(|(known, _)| known == face).map(|(_, points)| *points);
        assert_eq!(found, expected, "{face}");
    }

    #[test]
    fn eyes_and_mouth_add_up() {
        check("≧▽≦", Some(2.3));
        check("╥﹏╥", Some(-3.0));
        check("•́︿•̀", Some(-2.4));
        check("⊙_⊙", Some(0.0));
        check("╯▽╰", Some(0.0));
    }

    #[test]
    fn a_whole_face_goes_before_its_parts() {
        check("≧﹏≦", Some(-0.8));
    }

    #[test]
    fn words_and_numbers_are_no_faces() {
        check("tot", None);
        check("030", None);
    }

    #[test]
    fn every_line_of_the_parts_is_understood() {
        assert_eq!(lines().count(), PARTS.lines().count());
        for line in lines() {
            let is_pair = line.kind == "eyes";
            assert!(is_pair || matches!(line.kind, "mouth" | "whole"), "{}", line.kind);
            assert!(!line.left.is_empty() && line.right.is_empty() != is_pair, "{}", line.left);
            assert!((-40..=40).contains(&line.tenths), "{}", line.left);
        }
    }
}
