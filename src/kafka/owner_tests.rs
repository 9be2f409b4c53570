//! Partitions that come anew although nobody has taken them back.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;

use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::mocking::MockCluster;

use super::*;
use crate::config::load;
use crate::kafka::clients::Clients;
use crate::kafka::ends::Ends;
use crate::kafka::health::{Health, Report};
use crate::kafka::observer::Observer;
use crate::kafka::watchdog::Watched;
use crate::kafka::worker::{CommitEvery, Run};

/// Keeps what it is given until it has to give it up.
#[derive(Default)]
struct Kept {
    partitions: BTreeSet<Partition>,
    taken: Vec<i64>,
}

impl Owner for Kept {
    type Item = ();

    fn wants(&self, _: &Partition) -> bool {
        true
    }

    fn assign(
        &mut self,
        partition: &Partition,
        _: Option<(i64, String)>,
        _: &Writer,
    ) -> Result<(), KafkaError> {
        assert!(self.partitions.insert(partition.clone()), "{partition} is still there");
        Ok(())
    }

    fn revoke(&mut self, partition: &Partition) {
        self.partitions.remove(partition);
    }

    fn accept(
        &mut self,
        _: &Partition,
        offset: i64,
        _: impl Iterator<Item = ()>,
        _: &mut Writer,
    ) -> Result<(), KafkaError> {
        self.taken.push(offset);
        Ok(())
    }

    fn at_end(&mut self, _: &Partition, _: bool) {}

    fn tick(&mut self) -> bool {
        false
    }

    fn committed(&mut self, _: &mut Report) {}

    fn settle(&mut self, _: &mut Writer) -> Result<Vec<(Partition, i64, String)>, KafkaError> {
        Ok(Vec::new())
    }
}

/// Has `check` look at a worker's owner that has no partitions yet.
fn with_owner(check: impl FnOnce(&mut OwnerLoop<'_, Kept>)) {
    let brokers = MockCluster::new(1).unwrap();
    brokers.create_topic("posts", 2, 1).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    let kafka = format!("[kafka]\nbrokers = '{}'\n", brokers.bootstrap_servers());
    let rest = "[[feeds]]\nname = 'posts'\ntype = 'kafka'\ntopics = ['posts']\n[[brands]]\nid = 'heron'\nquery = 'heron'\n";
    std::fs::write(&file, kafka + rest).unwrap();
    let plan = load(&file).unwrap().plan;
    let clients = Clients::new(plan.kafka.as_ref().unwrap(), None).unwrap();
    let stop = AtomicBool::new(false);
    let worker = Health::default().worker();
    let observer = Observer { role: Role::Listen, worker, metrics: None };
    let setup = Setup {
        clients: &clients,
        group: "g",
        name: "0",
        topics: vec!["posts"],
        ignored: None,
        commit: CommitEvery { interval: Duration::from_secs(60), records: 1_000 },
        stop: &stop,
        observer: observer.clone(),
        watched: &Watched::default(),
    };
    let member = Member { events: sync_channel(1).0, observer, ends: Ends::default() };
    let config: ClientConfig = clients.member("g", "0");
    let consumer = BaseConsumer::from_config_and_context(&config, Context::new(member)).unwrap();
    let writer = Writer::new(&clients.writer("g", "0"), &clients.brokers, Watched::default()).unwrap();
    check(&mut OwnerLoop::new(Arc::new(consumer), Kept::default(), writer, &setup));
}

fn posts(number: i32) -> Partition {
    Partition::new("posts", number)
}

fn assigned(number: i32, membership: Membership) -> Event<()> {
    Event::Assigned { partitions: vec![posts(number)], membership, done: sync_channel(1).0 }
}

/// The first records of a partition.
fn batch(number: i32) -> Event<()> {
    let runs = vec![Run { partition: posts(number), records: vec![(0, 1), (1, 2)] }];
    Event::Batch(Batch { runs, items: vec![(), ()], records: 2, began: Instant::now() })
}

#[test]
fn what_was_made_of_partitions_that_were_not_taken_back_is_not_committed() {
    with_owner(|owner| {
        owner.handle(assigned(0, Membership::OfGeneration(None))).unwrap();
        owner.handle(batch(0)).unwrap();
        assert_eq!(owner.owner.taken, [0, 1]);
        for number in [0, 1] {
            let said = owner.handle(assigned(number, Membership::OfGeneration(None))).unwrap_err();
            assert!(said.is_passing() && said.to_string().contains("gave them anew"), "{said}");
        }
    });
}

#[test]
fn what_was_made_of_partitions_that_were_lost_is_not_committed() {
    let check = |error: KafkaError, action: &str| {
        let said = error.to_string();
        let parts = [action, "the group has ended the session of this worker"];
        assert!(error.is_passing() && parts.iter().all(|part| said.contains(part)), "{said}");
    };
    with_owner(|owner| {
        owner.handle(assigned(0, Membership::OfGeneration(None))).unwrap();
        owner.handle(batch(0)).unwrap();
        check(owner.commit().unwrap_err(), "cannot commit (");
        let (partitions, done) = (vec![posts(0)], sync_channel(1).0);
        let lost = Event::Revoked { partitions, is_lost: true, done };
        check(owner.handle(lost).unwrap_err(), "cannot keep the partitions (");
    });
}

#[test]
fn partitions_that_were_not_taken_back_are_forgotten_before_others_come() {
    with_owner(|owner| {
        owner.handle(assigned(0, Membership::OfGeneration(None))).unwrap();
        owner.handle(assigned(1, Membership::OfGeneration(None))).unwrap();
        assert_eq!(owner.assigned, BTreeSet::from([posts(1)]));
        assert_eq!(owner.owner.partitions, owner.assigned);
        owner.handle(batch(0)).unwrap();
        assert!(owner.owner.taken.is_empty(), "it is not this worker's any more");
    });
}

#[test]
fn where_brokers_assign_partitions_come_to_those_that_are_there() {
    with_owner(|owner| {
        owner.handle(assigned(0, Membership::OfNow)).unwrap();
        owner.handle(batch(0)).unwrap();
        owner.handle(assigned(1, Membership::OfNow)).unwrap();
        assert_eq!(owner.assigned, BTreeSet::from([posts(0), posts(1)]));
    });
}

#[test]
fn commits_begin_an_interval_apart_however_long_they_take() {
    let interval = Duration::from_millis(200);
    let began = Instant::now() + Duration::from_secs(1);
    let pause = |took_ms: u64| {
        let ended = began + Duration::from_millis(took_ms);
        (next_from(began, ended, interval) + interval - ended).as_millis()
    };
    for (took_ms, pause_ms) in
        [(0, 200), (50, 150), (149, 51), (150, 50), (200, 50), (400, 100), (5_000, 1_250)]
    {
        assert_eq!(pause(took_ms), pause_ms, "{took_ms} ms");
    }
}
