//! What each character of a Chinese text gives to its score, joined to pieces.
//!
//! **Invariant:** a part is a piece, and between parts neighbours that speak for the same are one. The values of a piece
//! are added in the order of the text.

use super::{
    cues::{CueKind, Part, Shares},
    model::Piece,
    rated::Rated,
};

/// Buffers for the characters of a text.
#[derive(Debug, Default)]
pub(super) struct Characters {
    /// What the model gives each, in units.
    pub(super) values: Vec<i32>,
    given: Vec<Given>,
    /// All ones for each but the first that is of the group of the one before, else zeros.
    kept: Vec<u64>,
}

/// What the model, or a part, gives to a character.
#[derive(Clone, Copy, Debug)]
struct Given {
    value: f64,
    /// 0 if it gives nothing, 1 or -1 by the sign of what the model gives, greater ones for parts.
    group: i32,
    kind: CueKind,
}

impl Characters {
    /// Leaves the pieces at the beginning of `pieces` and gives back how many there are. The parts are placed by the
    /// positions of characters; `bounds` is where in the text these begin and where the last one ends.
    pub(super) fn join(
        &mut self,
        (parts, bounds): (&[Part], &[u32]),
        unit: f64,
        (shares, rated): (&Shares, &Rated),
        pieces: &mut Vec<Piece>,
    ) -> usize {
        self.give(unit);
        for (group, part) in (2..).zip(parts) {
            self.give_to_part(group, part, shares.of_valence(part.valence, rated));
        }
        self.kept.clear();
        let same = |two: &[Given]| two[0].group == two[1].group;
        self.kept.extend(self.given.windows(2).map(|two| u64::from(same(two)).wrapping_neg()));
        join(&self.given, &self.kept, bounds, pieces)
    }

    /// What the model gives.
    fn give(&mut self, unit: f64) {
        self.given.clear();
        self.given.extend(self.values.iter().map(|value| Given {
            value: f64::from(*value) * unit,
            group: value.signum(),
            kind: CueKind::Ngram,
        }));
    }

    /// A part takes over what its characters were given.
    fn give_to_part(&mut self, group: i32, part: &Part, share: f64) {
        let own = self.given.get_mut(part.start as usize..part.end as usize).unwrap_or_default();
        let value: f64 = own.iter().map(|given| given.value).sum();
        own.fill(Given { value: 0.0, group, kind: part.kind });
        if let Some(first) = own.first_mut() {
            first.value = value + share;
        }
    }
}

/// A piece for each run of one group. Without branches that depend on the groups, which nothing foretells: `kept` is
/// stored for that, because a compiler that saw where it comes from would make a branch of it.
fn join(given: &[Given], kept: &[u64], bounds: &[u32], pieces: &mut Vec<Piece>) -> usize {
    if pieces.len() <= given.len() {
        pieces.resize(given.len() + 1, Piece::new(0, 0));
    }
    let (mut count, mut open, mut is_open) = (0, Piece::new(0, 0), 0);
    for ((given, bounds), kept) in given.iter().zip(bounds.windows(2)).zip([0].iter().chain(kept)) {
        count += is_open & !*kept as usize & 1;
        open.value = f64::from_bits(open.value.to_bits() & kept) + given.value;
        open.start = open.start & *kept as u32 | bounds[0] & !*kept as u32;
        (open.end, open.kind) = (bounds[1], given.kind);
        pieces[count] = open;
        is_open = usize::from(given.group != 0);
    }
    count + is_open
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Places, kinds and values of the pieces of characters of three bytes; parts have a valence of 4 and a share of
    /// 0.5 for it.
    fn joined(values: &[i32], parts: &[(u32, u32)]) -> Vec<(u32, u32, CueKind, f64)> {
        let part = |&(start, end)| Part { start, end, kind: CueKind::Word, valence: 4.0 };
        let parts: Vec<Part> = parts.iter().map(part).collect();
        let bounds: Vec<u32> = (0..=values.len() as u32).map(|at| 3 * at).collect();
        let mut characters = Characters { values: values.to_vec(), ..Characters::default() };
        let shares = Shares { positive: 1.0, ..Shares::default() };
        let rated = Rated { positive: 8.0, words: 8.0, ..Rated::default() };
        let mut pieces = vec![Piece::new(1, 2); 3];
        let count = characters.join((&parts, &bounds), 0.25, (&shares, &rated), &mut pieces);
        pieces[..count].iter().map(|piece| (piece.start, piece.end, piece.kind, piece.value)).collect()
    }

    #[test]
    fn parts_and_runs_of_one_sign_are_pieces() {
        let (word, ngram) = (CueKind::Word, CueKind::Ngram);
        let expected = [(0, 6, ngram, 0.75), (6, 9, ngram, -0.25), (12, 18, word, 1.5), (18, 21, ngram, 1.0)];
        assert_eq!(joined(&[1, 2, -1, 0, 3, 1, 4], &[(4, 6)]), expected);
        assert_eq!(joined(&[5, 5], &[(0, 1), (1, 2)]), [(0, 3, word, 1.75), (3, 6, word, 1.75)]);
        assert_eq!(joined(&[0, 0], &[]), []);
        assert_eq!(joined(&[], &[]), []);
    }

    proptest! {
        #[test]
        fn runs_are_those_of_the_signs(values in proptest::collection::vec(-2..3, 0..20)) {
            let numbered: Vec<(u32, i32)> = (0..).zip(values.iter().copied()).collect();
            let runs = numbered.chunk_by(|a, b| a.1.signum() == b.1.signum()).filter(|run| run[0].1 != 0);
            let expected: Vec<_> = runs
                .map(|run| {
                    let value = run.iter().map(|(_, value)| f64::from(*value) * 0.25).sum::<f64>();
                    (3 * run[0].0, 3 * (run[run.len() - 1].0 + 1), CueKind::Ngram, value)
                })
                .collect();
            prop_assert_eq!(joined(&values, &[]), expected);
        }
    }
}
