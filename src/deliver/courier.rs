//! Brings alerts to one receiver, one at a time.

use std::time::{Duration, Instant};

use super::bodies::{About, body};
use super::http::{Client, Request};
use super::retry::{Answer, Decision, decide, pause};
use super::{Alert, DeliverError};
use crate::config::{self, DeliveryPlan, Receiver, Wanted};

/// What became of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// The receiver will never take it.
    Refused,
    /// It could not be delivered within `give_up_after`.
    Expired,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 3] = [Outcome::Delivered, Outcome::Refused, Outcome::Expired];

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Delivered => "delivered",
            Outcome::Refused => "refused",
            Outcome::Expired => "expired",
        }
    }
}

/// What a courier has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: it has no alert, or it is not time yet.
    Waited,
    /// A try that failed; another one follows.
    Failed {
        /// The request took so long.
        took: Duration,
    },
    /// It is done with the alert and can take another one.
    Done {
        /// What became of the alert.
        outcome: Outcome,
        /// The last request took so long.
        took: Duration,
    },
}

/// Has one receiver, and one alert at a time.
pub struct Courier {
    name: String,
    receiver: Receiver,
    wanted: Wanted,
    about: About,
    client: Client,
    give_up_after: Duration,
    interval: Duration,
    /// No request begins before this.
    free: Option<Instant>,
    parcel: Option<Parcel>,
}

/// An alert on its way.
struct Parcel {
    request: Request,
    incident: String,
    revision: u32,
    taken: Instant,
    due: Instant,
    failures: u32,
}

impl Courier {
    /// Looks up what the delivery's secrets and files stand for. Sends nothing.
    ///
    /// # Errors
    /// When something is missing or unusable.
    pub fn new(plan: &DeliveryPlan, pipeline: &str) -> Result<Courier, DeliverError> {
        let failed = |what: String| DeliverError { delivery: plan.name.clone(), what };
        let routing_key = plan.routing_key.as_deref().unwrap_or_default();
        let routing_key =
            config::expand(routing_key).map_err(|what| failed(format!("`routing_key` needs {what}")))?;
        let client = Client::new(plan, pipeline, &routing_key).map_err(failed)?;
        Ok(Courier {
            name: plan.name.clone(),
            receiver: plan.receiver,
            wanted: plan.wanted.clone(),
            about: About { pipeline: pipeline.to_owned(), link: plan.link.clone(), routing_key },
            client,
            give_up_after: plan.give_up_after,
            interval: plan.interval,
            free: None,
            parcel: None,
        })
    }

    /// Name of the delivery.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True for an alert that the receiver is told of.
    #[must_use]
    pub fn wants(&self, alert: &Alert) -> bool {
        self.wanted.includes(&alert.incident)
    }

    /// True while it has an alert.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        self.parcel.is_some()
    }

    /// Takes an alert, in place of one that it may have.
    pub fn take(&mut self, alert: &Alert, now: Instant) {
        let request = Request { body: body(self.receiver, alert, &self.about), key: alert.key() };
        self.parcel = Some(Parcel {
            request,
            incident: alert.incident.id.clone(),
            revision: alert.incident.revision,
            taken: now,
            due: now,
            failures: 0,
        });
    }

    /// Lays down the alert that it has, which is somebody else's now.
    pub fn drop_it(&mut self) {
        self.parcel = None;
    }

    /// Makes one try if it is time. Blocks for the delivery's timeout at most.
    pub fn step(&mut self, now: Instant) -> Step {
        let Some(mut parcel) = self.parcel.take() else { return Step::Waited };
        if now < parcel.due.max(self.free.unwrap_or(now)) {
            self.parcel = Some(parcel);
            return Step::Waited;
        }
        self.free = Some(now + self.interval);
        let began = Instant::now();
        let answer = self.client.post(&parcel.request);
        let took = began.elapsed();
        let outcome = match decide(&answer) {
            Decision::Delivered => Outcome::Delivered,
            Decision::Refused => Outcome::Refused,
            Decision::Again(wait) => match self.next_try(&mut parcel, wait, now + took) {
                Some(pause) => {
                    self.log_failure(&parcel, &answer, pause);
                    self.parcel = Some(parcel);
                    return Step::Failed { took };
                }
                None => Outcome::Expired,
            },
        };
        self.log_end(&parcel, &answer, outcome);
        Step::Done { outcome, took }
    }

    /// Sets when the next try is due, the last one just when the time is over. None when it is over already.
    fn next_try(&self, parcel: &mut Parcel, wait: Duration, now: Instant) -> Option<Duration> {
        let left =
            self.give_up_after.checked_sub(now.duration_since(parcel.taken)).filter(|l| !l.is_zero())?;
        parcel.failures += 1;
        let pause = pause(parcel.failures, random_number()).max(wait).min(left);
        parcel.due = now + pause;
        Some(pause)
    }

    fn log_failure(&self, parcel: &Parcel, answer: &Answer, pause: Duration) {
        tracing::warn!(
            delivery = self.name,
            host = self.client.host(),
            incident = parcel.incident,
            revision = parcel.revision,
            reason = reason(answer),
            failures = parcel.failures,
            retry_in_ms = pause.as_millis() as u64,
            "an alert could not be delivered; trying again"
        );
    }

    fn log_end(&self, parcel: &Parcel, answer: &Answer, outcome: Outcome) {
        let (delivery, host) = (&self.name, self.client.host());
        let Parcel { incident, revision, failures, .. } = parcel;
        let reason = reason(answer);
        match outcome {
            Outcome::Delivered => {
                tracing::info!(delivery, host, incident, revision, failures, "alert delivered");
            }
            Outcome::Refused => {
                tracing::error!(
                    delivery,
                    host,
                    incident,
                    revision,
                    reason,
                    "an alert was refused and is given up"
                );
            }
            Outcome::Expired => tracing::error!(
                delivery,
                host,
                incident,
                revision,
                reason,
                failures,
                "an alert could not be delivered in time and is given up"
            ),
        }
    }
}

fn reason(answer: &Answer) -> String {
    match answer {
        Answer::Status { status, body, .. } if body.is_empty() => format!("status {status}"),
        Answer::Status { status, body, .. } => format!("status {status}: {body}"),
        Answer::None(reason) => reason.clone(),
    }
}

fn random_number() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}
