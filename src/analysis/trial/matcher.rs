//! Queries on posts, one post at a time.

use crate::analysis::query::{Computed, MatchScratch, Query, QuerySet};
use crate::analysis::text::{TextOptions, Tokenizer, Tokens, detect_language};
use crate::model::{BrandId, Language, Post, Span, Zone};

/// A few queries, numbered as they were given.
#[derive(Debug)]
pub struct Matcher {
    tokenizer: Tokenizer,
    queries: QuerySet,
    tokens: Tokens,
    scratch: MatchScratch,
}

impl Matcher {
    /// These queries, for posts that are read with these options.
    #[must_use]
    pub fn new(queries: Vec<Query>, options: TextOptions) -> Matcher {
        let queries = (0..).map(BrandId).zip(queries).collect();
        Matcher {
            tokenizer: Tokenizer::new(options),
            queries: QuerySet::compile(queries, options),
            tokens: Tokens::new(),
            scratch: MatchScratch::new(),
        }
    }

    /// Number of distinct terms.
    #[must_use]
    pub fn terms(&self) -> usize {
        self.queries.leaf_count()
    }

    /// For each query the spans if it matches. `language` is detected where it is `None`.
    pub fn find(&mut self, post: &Post<'_>, language: Option<Language>) -> Vec<Option<Vec<Span>>> {
        let language = self.read(post, language);
        let mut all = vec![None; self.queries.len()];
        for (brand, spans) in self.queries.find_in(post, &self.tokens, language, &mut self.scratch).iter() {
            if let Some(found) = all.get_mut(brand.0 as usize) {
                *found = Some(spans.to_vec());
            }
        }
        all
    }

    /// Whether one of the queries holds, as a rule does, for a mention of which this is computed.
    pub fn holds_as_rule(
        &mut self,
        post: &Post<'_>,
        language: Option<Language>,
        computed: Computed<'_>,
    ) -> bool {
        let language = self.read(post, language);
        let Matcher { queries, tokens, scratch, .. } = self;
        let listed = queries.list_rules(post, tokens, language, scratch);
        (0..listed).any(|at| queries.rule_at(at, (post, tokens, language), computed, scratch).is_some())
    }

    /// Tokenises a post and tells its language.
    fn read(&mut self, post: &Post<'_>, language: Option<Language>) -> Language {
        self.tokens.clear();
        for zone in Zone::ALL {
            self.tokenizer.tokenize(*zone, post.zone(*zone), &mut self.tokens);
        }
        let detect = || detect_language(&post.scored_text(), post.declared_language.as_deref());
        language.unwrap_or_else(detect)
    }
}
