//! The sentiment of a post towards each brand that it names.
//!
//! **Invariant:** a brand's sentiment depends on the text, on where the text names brands, and on the brand's scorer.

use super::sentiment::{Cue, Scorer, Sentiment, SentimentScratch};
use crate::model::{BrandId, BrandMatch, Language, Post, Span};

/// So many cues are written into a mention: those that give most.
const CUES: usize = 5;

/// The scorer of all brands, and those of brands that have their own.
pub(super) struct Scorers {
    all: Scorer,
    own: Vec<(BrandId, Scorer)>,
}

/// The brands of a post, and what gave to the score of each.
pub(super) struct Brands<'a> {
    pub(super) found: &'a mut [BrandMatch],
    pub(super) cues: &'a mut Vec<Vec<Cue>>,
}

impl Scorers {
    pub(super) fn new(all: Scorer, own: Vec<(BrandId, Scorer)>) -> Scorers {
        Scorers { all, own }
    }

    /// The same with these own scorers.
    pub(super) fn with_own(self, own: Vec<(BrandId, Scorer)>) -> Scorers {
        Scorers { own, ..self }
    }

    fn own(&self, brand: BrandId) -> Option<&Scorer> {
        self.own.iter().find(|(own, _)| *own == brand).map(|(_, scorer)| scorer)
    }

    /// Scores every brand and gives the sentiment of the whole text, whose cues are left in `buffers`.
    pub(super) fn score(
        &self,
        post: &Post<'_>,
        language: Language,
        brands: &mut Brands<'_>,
        buffers: &mut SentimentScratch,
    ) -> Sentiment {
        brands.cues.resize_with(brands.found.len(), Vec::new);
        let text = post.scored_text();
        let each = self.score_each(post, &text, language, brands, buffers);
        if !each {
            self.score_by_own(&text, language, brands, buffers);
        }
        let whole = self.all.explain(&text, language, buffers);
        if !each {
            for (found, cues) in brands.found.iter_mut().zip(&mut *brands.cues) {
                if self.own(found.brand).is_none() {
                    set(whole, buffers.cues(), found, cues);
                }
            }
        }
        whole
    }

    /// Several brands that the text names have each a sentiment of its own, and so has one that is an exception. False
    /// where there is nothing to tell apart.
    fn score_each(
        &self,
        post: &Post<'_>,
        text: &str,
        language: Language,
        brands: &mut Brands<'_>,
        buffers: &mut SentimentScratch,
    ) -> bool {
        if brands.found.len() < 2 && !brands.found.iter().any(|found| may_be_excepted(found, post, text)) {
            return false;
        }
        let targets: Vec<_> = brands.found.iter().map(|found| places(found, post)).collect();
        let named = targets.iter().filter(|places| !places.is_empty()).count();
        if named < 2 && brands.found.len() > 1 {
            return false;
        }
        let all = self.all.explain_targets(text, language, &targets, buffers);
        for (at, judged) in all.into_iter().enumerate() {
            let found = &mut brands.found[at];
            let own = self.own(found.brand);
            let own = own.map(|own| own.explain_targets(text, language, &targets, buffers));
            let judged = own.map_or(judged, |mut all| all.swap_remove(at));
            set(judged.sentiment, &judged.cues, found, &mut brands.cues[at]);
        }
        true
    }

    /// Brands with a scorer of their own have the sentiment of the whole text by it.
    fn score_by_own(
        &self,
        text: &str,
        language: Language,
        brands: &mut Brands<'_>,
        buffers: &mut SentimentScratch,
    ) {
        for (found, cues) in brands.found.iter_mut().zip(&mut *brands.cues) {
            if let Some(own) = self.own(found.brand) {
                set(own.explain(text, language, buffers), buffers.cues(), found, cues);
            }
        }
    }
}

fn set(sentiment: Sentiment, all: &[Cue], found: &mut BrandMatch, cues: &mut Vec<Cue>) {
    (found.polarity, found.score) = (sentiment.polarity, sentiment.score);
    cues.clear();
    cues.extend_from_slice(all);
}

/// A brand that is alone may be the exception from what is said of all others. Few are, and most posts end here.
fn may_be_excepted(found: &BrandMatch, post: &Post<'_>, text: &str) -> bool {
    found.spans.iter().filter_map(|span| place(span, post)).any(|(start, _)| Scorer::may_except(text, start))
}

/// Where a brand is named in the text that is scored.
fn places(found: &BrandMatch, post: &Post<'_>) -> Vec<(usize, usize)> {
    found.spans.iter().filter_map(|span| place(span, post)).collect()
}

fn place(span: &Span, post: &Post<'_>) -> Option<(usize, usize)> {
    let offset = post.scored_offset(span.zone)?;
    Some((offset + span.start as usize, offset + span.end as usize))
}

/// Keeps the [`CUES`] that give most, in the order of the text.
pub(super) fn keep_greatest(cues: &mut Vec<Cue>) {
    if cues.len() > CUES {
        let size = |cue: &Cue| std::cmp::Reverse(cue.contribution.unsigned_abs());
        let (_, least, _) =
            cues.select_nth_unstable_by_key(CUES - 1, |cue| (size(cue), cue.start, cue.kind as u8));
        let least = (size(least), least.start, least.kind as u8);
        cues.retain(|cue| (size(cue), cue.start, cue.kind as u8) <= least);
        cues.sort_unstable_by_key(|cue| (cue.kind.is_whole(), cue.start));
    }
}
