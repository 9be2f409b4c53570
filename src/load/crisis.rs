//! A crisis of one brand: a small account complains and links a video, and everybody passes it on.

use super::mix::{SHAPES, Shape};
use super::rng::Rng;
use super::shapes::{Earlier, Relation};

/// Where the complaint points to.
const VIDEO: &str = "https://video.example/watch?v=six-string";
/// Beyond the numbers of ordinary authors.
const COMPLAINER: u64 = 900_001;

const COMPLAINT: &str = "your crew threw my guitar around and broke its neck. Nine months of emails, and the answer is still no. Terrible. So I wrote you a song";

/// What people add; the brand stands in front.
const ANSWERS: [&str; 10] = [
    "this is a disgrace. Pay the man.",
    "I am never buying from you again.",
    "nine months of no? Shame on you.",
    "worst service ever, and now everybody knows it.",
    "same thing happened to my sister, no answer to this day.",
    "watch this and share it!",
    "the song is great, the service is awful.",
    "太气人了,投诉九个月没人管。",
    "再也不买了,服务太差。",
    "还有脸说不?赶紧道歉赔钱。",
];

/// The complaint as it stands in each feed, as far as it is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Crisis {
    complaints: [Option<Earlier>; SHAPES],
}

/// What a post of the crisis says.
pub(super) struct Voice<'a> {
    pub(super) author: u64,
    pub(super) link: Option<&'a str>,
    pub(super) about: Option<(Relation, &'a Earlier)>,
}

impl Crisis {
    /// The next post: the first one in a feed is the complaint, the others answer it, mostly. Its text is
    /// appended to `text`.
    pub(super) fn next(
        &mut self,
        (shape, number, at): (Shape, u64, i64),
        (phrase, author): (&str, u64),
        rng: &mut Rng,
        text: &mut String,
    ) -> Voice<'_> {
        let slot = &mut self.complaints[shape as usize];
        if slot.is_none() {
            text.extend([phrase, ": ", COMPLAINT]);
            let earlier =
                Earlier { number, author: COMPLAINER, text: text.clone(), at, link: VIDEO.to_owned() };
            *slot = Some(earlier);
            return Voice { author: COMPLAINER, link: Some(VIDEO), about: None };
        }
        let Some(complaint) = &*slot else { return Voice { author, link: None, about: None } };
        let (relation, link) = match rng.below(100) {
            0..45 => (Some(Relation::Repost), Some(VIDEO)),
            45..65 => (Some(Relation::Quote), None),
            65..88 => (Some(Relation::Reply), None),
            _ => (None, Some(VIDEO)),
        };
        match relation {
            Some(Relation::Repost) => text.push_str(&complaint.text),
            _ => text.extend([phrase, " ", rng.pick(&ANSWERS)]),
        }
        Voice { author, link, about: relation.map(|relation| (relation, complaint)) }
    }
}
