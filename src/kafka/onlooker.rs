//! Who follows topics without a group, for the role serve: it tells the health of the process whether it can.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError as ClientError;
use rdkafka::statistics::Statistics;

use super::clients::Clients;
use super::context::{Context, Hears};
use super::error::KafkaError;
use super::group::unreachable;
use super::health::Worker;
use super::leave::Joins;

const PAUSE: Duration = Duration::from_secs(2);
/// A first run makes the topics in less, and meanwhile they are waited for.
const USUAL: Duration = Duration::from_secs(30);
/// As often as members of groups hear of their brokers.
const STATISTICS_MS: &str = "2000";

/// Callbacks of its consumer.
pub(super) struct Onlooker(Worker);

impl Hears for Onlooker {
    /// A topic to which nothing is written looks the same with brokers and without.
    fn statistics(&self, statistics: &Statistics) {
        self.0.set(|report| report.unreachable = unreachable(statistics));
    }
}

impl Joins for Onlooker {}

/// Its consumer, with these settings.
pub(super) fn consumer(
    clients: &Clients,
    mut config: ClientConfig,
    worker: &Worker,
) -> Result<BaseConsumer<Context<Onlooker>>, ClientError> {
    config.set("statistics.interval.ms", STATISTICS_MS);
    clients.looker_with(&config, Onlooker(worker.clone()))
}

/// Begins anew when the brokers fail, until `stop`.
pub(super) fn again(
    worker: &Worker,
    stop: &AtomicBool,
    attempt: &mut dyn FnMut() -> Result<(), KafkaError>,
) -> Result<(), KafkaError> {
    let (began, mut has_followed) = (Instant::now(), false);
    while !stop.load(Ordering::SeqCst) {
        let Err(error) = attempt() else { continue };
        has_followed |= worker.works();
        worker.failed(&error.to_string());
        if !error.is_passing() {
            return Err(error);
        }
        if is_usual(has_followed, began.elapsed()) {
            tracing::info!(%error, "the read view waits");
        } else {
            tracing::warn!(%error, "the read view waits");
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Whether waiting is no trouble yet.
fn is_usual(has_followed: bool, waits: Duration) -> bool {
    !has_followed && waits < USUAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_at_the_start_and_not_for_long_is_it_usual_to_wait() {
        let check = |has_followed, seconds, expected| {
            assert_eq!(
                is_usual(has_followed, Duration::from_secs(seconds)),
                expected,
                "{has_followed} {seconds}"
            );
        };
        check(false, 0, true);
        check(false, 29, true);
        check(false, 30, false);
        check(true, 0, false);
    }
}
