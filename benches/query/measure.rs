//! One set of queries against all posts, measured.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use earful::analysis::query::{MatchScratch, ParseOptions, Query, QuerySet, parse};
use earful::analysis::text::{TextOptions, Tokenizer, Tokens};
use earful::model::{BrandId, Post, Zone};
use rustix::time::{ClockId, clock_gettime};

use super::expr::Expr;
use super::posts::Posts;

/// Posts that are tokenised, then matched: only the latter is timed.
const BATCH: usize = 256;

/// What came out for one set.
pub struct Line {
    pub queries: usize,
    pub leaves: usize,
    pub distinct: usize,
    pub parse_s: f64,
    pub compile_s: f64,
    pub set_mb: f64,
    pub compile_peak_mb: f64,
    pub peak_mb: f64,
    pub counts: Counts,
    /// Posts a second and processor time a post in nanoseconds, one a run, ascending.
    pub per_second: Vec<f64>,
    pub cpu_ns: Vec<f64>,
}

/// Sums over all posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub posts: usize,
    /// Queries that were looked at, and that held.
    pub looked_at: usize,
    pub matches: usize,
    /// Posts that some query holds for.
    pub matched: usize,
}

pub fn line(posts: &Posts, exprs: impl Iterator<Item = Expr>, runs: usize) -> Line {
    let before = memory_mb("VmRSS:");
    let (mut leaves, started) = (0, Instant::now());
    let mut queries = Vec::new();
    for expr in exprs {
        leaves += expr.leaves();
        queries.push((BrandId(queries.len() as u32), read(&expr.text())));
    }
    let parse_s = started.elapsed().as_secs_f64();
    forget_peak();
    let started = Instant::now();
    let set = QuerySet::compile(queries, TextOptions::default());
    let compile_s = started.elapsed().as_secs_f64();
    let compile_peak_mb = memory_mb("VmHWM:") - before;
    forget_peak();
    let mut rig = Rig::new();
    let counts = rig.pass(posts, &set).counts;
    let (mut per_second, mut cpu_ns) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let pass = rig.pass(posts, &set);
        assert_eq!(pass.counts, counts, "every run finds the same");
        per_second.push(counts.posts as f64 / pass.wall_s);
        cpu_ns.push(pass.cpu_s * 1e9 / counts.posts as f64);
    }
    per_second.sort_by(f64::total_cmp);
    cpu_ns.sort_by(f64::total_cmp);
    Line {
        queries: set.len(),
        leaves,
        distinct: set.leaf_count(),
        parse_s,
        compile_s,
        set_mb: memory_mb("VmRSS:") - before,
        compile_peak_mb,
        peak_mb: memory_mb("VmHWM:"),
        counts,
        per_second,
        cpu_ns,
    }
}

fn read(text: &str) -> Query {
    let parsed = parse(text, &ParseOptions::default());
    parsed.query.unwrap_or_else(|| panic!("{text}: {:?}", parsed.problems))
}

/// Buffers of a worker.
struct Rig {
    tokenizer: Tokenizer,
    tokens: Vec<Tokens>,
    scratch: MatchScratch,
}

/// One look at all posts.
#[derive(Default)]
struct Pass {
    counts: Counts,
    wall_s: f64,
    cpu_s: f64,
}

impl Rig {
    fn new() -> Rig {
        let tokens = vec![Tokens::new(); BATCH];
        Rig { tokenizer: Tokenizer::new(TextOptions::default()), tokens, scratch: MatchScratch::new() }
    }

    fn pass(&mut self, posts: &Posts, set: &QuerySet) -> Pass {
        let mut pass = Pass::default();
        let numbers: Vec<usize> = (0..posts.texts.len()).collect();
        for batch in numbers.chunks(BATCH) {
            let batch: Vec<Post<'_>> = batch.iter().map(|number| posts.post(*number)).collect();
            for (post, tokens) in batch.iter().zip(&mut self.tokens) {
                tokens.clear();
                self.tokenizer.tokenize(Zone::Body, &post.body, tokens);
            }
            let (wall, cpu) = (Instant::now(), cpu_seconds());
            for (post, tokens) in batch.iter().zip(&self.tokens) {
                let found = set.find(black_box(post), tokens, &mut self.scratch);
                pass.counts.looked_at += found.looked_at();
                pass.counts.matches += found.len();
                pass.counts.matched += usize::from(!found.is_empty());
            }
            pass.cpu_s += cpu_seconds() - cpu;
            pass.wall_s += wall.elapsed().as_secs_f64();
            pass.counts.posts += batch.len();
        }
        pass
    }
}

/// Processor time of this thread.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// A line of what the kernel says about this process, in 10^6 bytes.
fn memory_mb(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kib = line.trim().trim_end_matches(" kB").parse::<f64>();
    kib.map_or(f64::NAN, |kib| kib * 1.024e-3)
}

/// The greatest resident memory counts from here.
fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}
