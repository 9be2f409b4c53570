//! Reads the queries of a running pipeline again when it is told to, or when one of its files has changed.
//!
//! Files are looked at, not watched: a few of them once a second cost nothing, and it works the same on network
//! drives and where a folder of links is exchanged as a whole, as Kubernetes does with a ConfigMap.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::queries::Queries;
use crate::config::{self, Loaded, Plan, Problems};
use crate::metrics::Metrics;

/// How often the flag is looked at...
const LOOK: Duration = Duration::from_millis(100);
/// ...and how often the files are. One that has changed must have stood still for so long.
const LOOK_AT_FILES: Duration = Duration::from_secs(1);

/// When a file was changed last, and its length; none when it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// Keeps the queries up to date.
pub(crate) struct Reloader {
    queries: Arc<Queries>,
    asked: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    metrics: Option<Arc<Metrics>>,
    files: Vec<PathBuf>,
    /// Of `files`: when they were read, and at the last look.
    read: Vec<Stamp>,
    last: Vec<Stamp>,
}

impl Reloader {
    /// Starts a thread that works until `stop` is set. `asked` is set by whoever wants the files to be read now.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(
        queries: &Arc<Queries>,
        asked: &Arc<AtomicBool>,
        stop: &Arc<AtomicBool>,
        metrics: Option<Arc<Metrics>>,
    ) -> std::io::Result<()> {
        let in_force = queries.in_force();
        let files = in_force.plan.files.clone();
        let read = stamps(&files);
        let (last, queries, asked, stop) =
            (read.clone(), Arc::clone(queries), Arc::clone(asked), Arc::clone(stop));
        if let Some(metrics) = &metrics {
            metrics.queries().in_force(&in_force.version.to_string());
        }
        let reloader = Reloader { queries, asked, stop, metrics, files, read, last };
        thread::Builder::new().name("reload".to_owned()).spawn(move || reloader.run()).map(drop)
    }

    fn run(mut self) {
        let mut looked = Instant::now();
        while !self.stop.load(Ordering::SeqCst) {
            thread::sleep(LOOK);
            if self.asked.swap(false, Ordering::SeqCst) {
                self.reload();
            } else if looked.elapsed() >= LOOK_AT_FILES {
                looked = Instant::now();
                if self.have_changed() {
                    self.reload();
                }
            }
        }
    }

    /// Half a file must not be read, so a change counts when nothing has happened since the last look.
    fn have_changed(&mut self) -> bool {
        let now = stamps(&self.files);
        let stood_still = now == self.last;
        self.last = now;
        stood_still && self.last != self.read
    }

    fn reload(&mut self) {
        let ok = match self.load() {
            Ok(Loaded { plan, warnings }) => {
                warnings.0.iter().for_each(|warning| tracing::warn!("{warning}"));
                self.take(&plan);
                true
            }
            Err(problems) => {
                problems.0.iter().for_each(|problem| tracing::error!("{problem}"));
                let version = self.queries.in_force().version;
                tracing::error!(%version, problems = problems.0.len(), "queries cannot be reloaded; those in force stay");
                false
            }
        };
        if let Some(metrics) = &self.metrics {
            metrics.queries().reloaded(ok);
        }
    }

    /// Reads the files. Their stamps are older than what is read, so that no change is missed.
    fn load(&mut self) -> Result<Loaded, Problems> {
        let file = self.queries.in_force().plan.file.clone();
        loop {
            self.read = stamps(&self.files);
            self.last.clone_from(&self.read);
            let (result, files) = config::load_naming(&file);
            if files == self.files {
                return result;
            }
            self.files = files;
        }
    }

    fn take(&self, new: &Plan) {
        let in_force = self.queries.in_force();
        let (plan, notes) = in_force.plan.renewed(new);
        for what in notes {
            tracing::warn!("{what} has changed, which takes effect when earful is started again");
        }
        if plan.queries_version() == in_force.version {
            tracing::info!(version = %in_force.version, "files read again, no query has changed");
            return;
        }
        let changes = changes(&in_force.plan, &plan);
        let version = self.queries.replace(plan).version;
        if let Some(metrics) = &self.metrics {
            metrics.queries().in_force(&version.to_string());
        }
        tracing::info!(%version, before = %in_force.version, changes, "queries reloaded");
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |file: &PathBuf| {
        let about = std::fs::metadata(file).ok()?;
        Some((about.modified().ok()?, about.len()))
    };
    files.iter().map(stamp).collect()
}

/// Which brands have other queries, in words.
fn changes(before: &Plan, after: &Plan) -> String {
    let query = |plan: &Plan, at: usize| {
        let brand = plan.brands.get(at).filter(|brand| !brand.is_retired)?;
        Some(brand.query.version())
    };
    let change = |(at, brand): (usize, &config::BrandPlan)| {
        let how = match (query(before, at), query(after, at)) {
            (Some(old), Some(new)) if old != new => "changed",
            (None, Some(_)) => "added",
            (Some(_), None) => "removed",
            _ => return None,
        };
        Some(format!("{} {how}", brand.id))
    };
    let brands: Vec<String> = after.brands.iter().enumerate().filter_map(change).collect();
    if brands.is_empty() { "names, filters or rules".to_owned() } else { brands.join(", ") }
}
