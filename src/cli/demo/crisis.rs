//! The staged crisis of day two, in the shape of "United Breaks Guitars" (2009): a small account complains and
//! links a video, hours of little, a large account quotes it, a cascade, a clumsy answer, decay.

use std::rc::Rc;

use super::{
    cast::{self, Author, Crowd, PAN_UNION, Script},
    phrases::VIDEO,
    post::{Kind, Post, Site},
    world::World,
};

const MINUTE: i64 = 60_000;
/// Minutes of day two, UTC, at which the story moves on.
const COMPLAINT: i64 = 80; // 01:20
const INFLUENCER: i64 = 455; // 07:35
const WEIBO: i64 = 610; // 10:10
const STATEMENT: i64 = 715; // 11:55

/// `(minute of day two, posts in a thousand seconds)`, straight lines in between.
type Course = &'static [(i64, i64)];

const ENGLISH: Course = &[
    (COMPLAINT, 0),
    (COMPLAINT + 1, 1),
    (INFLUENCER - 1, 0),
    (INFLUENCER, 40),
    (470, 240),
    (490, 420),
    (540, 370),
    (600, 270),
    (STATEMENT, 200),
    (735, 330),
    (810, 230),
    (900, 120),
    (1020, 50),
    (1140, 18),
    (1320, 8),
    (1440, 4),
];
const CHINESE: Course =
    &[(WEIBO, 0), (WEIBO + 1, 15), (650, 80), (750, 130), (870, 90), (960, 30), (1080, 5), (1440, 1)];

/// The posts that everybody refers to, as far as the story has come.
#[derive(Debug)]
pub(crate) struct Crisis {
    start: i64,
    crowd: Crowd,
    crowd_zh: Crowd,
    /// The complaint: the true cause.
    pub(crate) complaint: Option<Rc<Post>>,
    /// The large account's quote of it.
    pub(crate) influencer: Option<Rc<Post>>,
    weibo: Option<Rc<Post>>,
    statement: Option<Rc<Post>>,
}

impl Crisis {
    /// `day_two`: its midnight, milliseconds since the Unix epoch.
    pub(crate) fn new(day_two: i64) -> Crisis {
        Crisis {
            start: day_two,
            crowd: Crowd::new(60_000, 2_000, 101, false),
            crowd_zh: Crowd::new(60_000, 2_000, 102, true),
            complaint: None,
            influencer: None,
            weibo: None,
            statement: None,
        }
    }

    /// One second of the story, starting at `at`.
    pub(crate) fn second(&mut self, world: &mut World, at: i64) {
        if at < self.start {
            return;
        }
        let minute = (at - self.start) / MINUTE;
        self.stage(world, at, minute);
        if world.rng.chance(course(ENGLISH, at - self.start)) {
            self.english(world, at);
        }
        if world.rng.chance(course(CHINESE, at - self.start)) {
            self.chinese(world, at);
        }
    }

    /// The four posts that make the story, each once.
    fn stage(&mut self, world: &mut World, at: i64, minute: i64) {
        if minute >= COMPLAINT && self.complaint.is_none() {
            let text = format!(
                "Hey @PanUnionAir, your baggage crew threw my guitar around in Omaha and broke its neck. Nine months of emails, and your answer is still no. Terrible. So I wrote you a song: PanUnion Broke My Six-String 🎸 {VIDEO} #PanUnionBreaksGuitars"
            );
            self.complaint =
                Some(staged(world, Site::X, Script::English, at, text, Kind::Original, cast::musician()));
        }
        let Some(complaint) = self.complaint.clone() else { return };
        if minute >= INFLUENCER && self.influencer.is_none() {
            let text = "I have carried cameras through two hundred airports and I know the sound of a case hitting concrete. @PanUnionAir, nine months of no is a disgrace. Watch it, share it. #PanUnionBreaksGuitars";
            let kind = Kind::Quote(complaint.clone());
            self.influencer =
                Some(staged(world, Site::X, Script::English, at, text.to_owned(), kind, cast::influencer()));
        }
        if minute >= WEIBO && self.weibo.is_none() {
            let text = format!(
                "国外一位音乐人的吉他被@泛联航空 的地勤摔坏，投诉九个月，只得到一个“不”。他把经历写成了歌，太气人了。视频在评论区 #泛联航空摔吉他#"
            );
            self.weibo =
                Some(staged(world, Site::Weibo, Script::Hans, at, text, Kind::Original, cast::weibo_voice()));
        }
        if minute >= STATEMENT && self.statement.is_none() {
            let text = "We regret any perceived inconvenience. Claims must be filed within 24 hours as per rule 17.4(b). The case is closed and we will not comment further. PanUnion Customer Relations";
            let kind = Kind::Reply(complaint);
            self.statement = Some(staged(
                world,
                Site::X,
                Script::English,
                at,
                text.to_owned(),
                kind,
                cast::airline_account(),
            ));
        }
    }

    fn english(&mut self, world: &mut World, at: i64) {
        let weights = [72, 12, 6, 6, 0, 4];
        // Before the large account speaks, nobody outside X has seen it.
        let site = if self.influencer.is_some() { Site::ALL[world.rng.weighted(&weights)] } else { Site::X };
        let (section, kind) = if site == Site::X { self.on_x(world) } else { ("angry", Kind::Original) };
        let text = world.book.crisis(PAN_UNION, section, Script::English, &mut world.rng);
        let author = self.crowd.draw(&mut world.rng);
        send(world, site, Script::English, at, text, kind, author);
    }

    /// What somebody on X does: section of the phrases, and the post referred to.
    fn on_x(&self, world: &mut World) -> (&'static str, Kind) {
        let Some(complaint) = self.complaint.clone() else { return ("angry", Kind::Original) };
        let dice = world.rng.below(100);
        let Some(influencer) = self.influencer.clone() else {
            return if dice < 70 {
                ("quote", Kind::Repost(complaint))
            } else {
                ("quote", Kind::Reply(complaint))
            };
        };
        if let (Some(statement), 0..28) = (self.statement.clone(), dice) {
            let kind = if dice < 12 { Kind::Quote(statement) } else { Kind::Reply(statement) };
            return ("reply", kind);
        }
        match world.rng.below(100) {
            0..30 => ("quote", Kind::Repost(complaint)),
            30..44 => ("quote", Kind::Repost(influencer)),
            44..78 => ("quote", Kind::Quote(complaint)),
            78..88 => ("quote", Kind::Reply(complaint)),
            _ => ("angry", Kind::Original),
        }
    }

    fn chinese(&mut self, world: &mut World, at: i64) {
        let script = if world.rng.chance(180_000) { Script::Hant } else { Script::Hans };
        let site = if script == Script::Hant { Site::X } else { Site::Weibo };
        let after = self.statement.is_some() && world.rng.chance(250_000);
        let text =
            world.book.crisis(PAN_UNION, if after { "reply" } else { "angry" }, script, &mut world.rng);
        let kind = match (world.rng.below(100), &self.weibo, &self.complaint) {
            (0..35, Some(weibo), _) if site == Site::Weibo => Kind::Repost(weibo.clone()),
            (35..45, Some(weibo), _) if site == Site::Weibo => Kind::Quote(weibo.clone()),
            (0..40, _, Some(complaint)) if site == Site::X => Kind::Quote(complaint.clone()),
            _ => Kind::Original,
        };
        let author = self.crowd_zh.draw(&mut world.rng);
        send(world, site, script, at, text, kind, author);
    }
}

fn send(world: &mut World, site: Site, script: Script, at: i64, text: String, kind: Kind, author: Author) {
    let millis = world.rng.between(0, 999);
    let post = world.post(site, script, at + millis, text, kind);
    world.send(Post { author, ..post });
}

fn staged(
    world: &mut World,
    site: Site,
    script: Script,
    at: i64,
    text: String,
    kind: Kind,
    author: Author,
) -> Rc<Post> {
    let post = world.post(site, script, at, text, kind);
    world.send_safely(Post { author, counts: [0; 3], ..post })
}

/// Posts in a million seconds at `millis` of day two.
fn course(course: Course, millis: i64) -> u64 {
    let minute = millis / MINUTE;
    let pair = course.windows(2).find(|pair| pair[0].0 <= minute && minute < pair[1].0);
    let Some([(from, low), (to, high)]) = pair else { return 0 };
    let rate = low * 1000 + (high - low) * 1000 * (minute - from) / (to - from).max(1);
    rate.max(0) as u64
}
