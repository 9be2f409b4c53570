//! What all parts of the scenario share: dice, crowds, the queue of frames on their way, and the files.
//!
//! **Invariant:** frames leave in the order of their arrival; memory holds only what is still on its way
//! (an hour at most) and a few recent posts to answer.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    rc::Rc,
};

use super::{
    cast::{Author, Crowd, Script},
    damage, phrases,
    post::{Kind, Post, Site},
    rng::Rng,
    wire,
};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
/// How many recent posts of a site and script can be answered or passed on.
const RECENT: usize = 40;

/// One frame on its way: ordered by arrival, then by creation.
type Frame = (i64, u64, usize, Vec<u8>);

/// Everything that the scenario's parts share.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) book: phrases::Book,
    crowds: Vec<Crowd>,
    recent: Vec<VecDeque<Rc<Post>>>,
    queue: BinaryHeap<Reverse<Frame>>,
    files: Vec<BufWriter<File>>,
    /// Lines written, by site.
    pub(crate) lines: [u64; 6],
    created: u64,
    posts: u64,
}

impl World {
    /// Creates the files in `folder`.
    pub(crate) fn new(folder: &Path, seed: u64) -> io::Result<World> {
        let files =
            Site::ALL.iter().map(|site| File::create(folder.join(site.file_name())).map(BufWriter::new));
        Ok(World {
            rng: Rng::new(seed),
            book: phrases::Book::bundled(),
            crowds: (0..12).map(|n| Crowd::new(4_000, 60, n + 1, n % 2 == 1)).collect(),
            recent: vec![VecDeque::new(); 18],
            queue: BinaryHeap::new(),
            files: files.collect::<io::Result<_>>()?,
            lines: [0; 6],
            created: 0,
            posts: 0,
        })
    }

    /// Somebody who writes on this site in this script.
    pub(crate) fn author(&mut self, site: Site, script: Script) -> Author {
        let chinese = usize::from(script != Script::English);
        self.crowds[site as usize * 2 + chinese].draw(&mut self.rng)
    }

    /// A new post with the next number and small counts.
    pub(crate) fn post(&mut self, site: Site, script: Script, at: i64, text: String, kind: Kind) -> Post {
        self.posts += 1;
        let author = self.author(site, script);
        let likes = if self.rng.chance(250_000) { self.rng.below(6) } else { 0 };
        let counts = [likes, likes / 3, likes / 4];
        Post { site, number: self.posts, author, script, published: at, text, kind, counts, edited: None }
    }

    /// One of the posts that were sent last on this site in this script.
    pub(crate) fn recent(&mut self, site: Site, script: Script) -> Option<Rc<Post>> {
        let list = &self.recent[site as usize * 3 + script as usize];
        let index = self.rng.below(list.len() as u64) as usize;
        list.get(index).cloned()
    }

    /// Sends a post of the crowd, with all that happens to posts on their way: delay, copies, damage, late
    /// arrival, edits and deletions.
    pub(crate) fn send(&mut self, post: Post) {
        let late = self.rng.chance(10_000);
        let delay =
            if late { self.rng.between(8 * MINUTE, 45 * MINUTE) } else { self.rng.between(200, 14 * SECOND) };
        let arrival = post.published + delay;
        let frame = wire::create(&post, arrival).into_bytes();
        if self.rng.chance(20_000) {
            let again = arrival + self.rng.between(SECOND, 3 * MINUTE);
            self.enqueue(post.site, again, frame.clone());
        }
        if self.rng.chance(5_000) {
            let damaged = damage::damage(&frame, &mut self.rng);
            self.enqueue(post.site, arrival + 1, damaged);
        }
        self.enqueue(post.site, arrival, frame);
        self.surround(&post, arrival);
        if !late {
            self.second_thoughts(&post, arrival);
        }
        self.remember(post);
    }

    /// Sends a post of the story: nothing may happen to it.
    pub(crate) fn send_safely(&mut self, post: Post) -> Rc<Post> {
        let arrival = post.published + 2 * SECOND;
        let frame = wire::create(&post, arrival).into_bytes();
        self.enqueue(post.site, arrival, frame);
        Rc::new(post)
    }

    /// Frames that are no posts.
    fn surround(&mut self, post: &Post, arrival: i64) {
        let per_million = match post.site {
            Site::Bluesky => 350_000,
            Site::Mastodon => 10_000,
            _ => 3_000,
        };
        if self.rng.chance(per_million) {
            let at = arrival + self.rng.between(SECOND, 20 * SECOND);
            if let Some(frame) = wire::other(post, at, &mut self.rng) {
                self.enqueue(post.site, at, frame.into_bytes());
            }
        }
    }

    /// Some posts are deleted or edited within the half hour.
    fn second_thoughts(&mut self, post: &Post, arrival: i64) {
        let at = arrival + self.rng.between(MINUTE, 25 * MINUTE);
        let frame = match self.rng.below(1000) {
            0..5 => wire::delete(post, at),
            5..10 if !matches!(post.kind, Kind::Repost(_)) => {
                let text = format!(
                    "{} {}",
                    post.text,
                    if post.script == Script::English { "(typo fixed)" } else { "（更正）" }
                );
                wire::edit(&Post { text, edited: Some(at - SECOND), ..post.clone() }, at)
            }
            _ => None,
        };
        if let Some(frame) = frame {
            self.enqueue(post.site, at, frame.into_bytes());
        }
    }

    fn remember(&mut self, post: Post) {
        if matches!(post.kind, Kind::Repost(_)) {
            return;
        }
        // An answer to an answer would carry the whole thread on the wire; the thread's root is enough.
        let root = Post { kind: Kind::Original, ..post };
        let list = &mut self.recent[root.site as usize * 3 + root.script as usize];
        if list.len() == RECENT {
            list.pop_front();
        }
        list.push_back(Rc::new(root));
    }

    fn enqueue(&mut self, site: Site, arrival: i64, frame: Vec<u8>) {
        self.created += 1;
        self.queue.push(Reverse((arrival, self.created, site as usize, frame)));
    }

    /// Writes out all frames that have arrived before `time`.
    pub(crate) fn deliver(&mut self, time: i64) -> io::Result<()> {
        while self.queue.peek().is_some_and(|Reverse(frame)| frame.0 < time) {
            let Some(Reverse((_, _, site, frame))) = self.queue.pop() else { break };
            self.files[site].write_all(&frame)?;
            self.files[site].write_all(b"\n")?;
            self.lines[site] += 1;
        }
        Ok(())
    }

    /// Writes out everything and flushes the files.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.deliver(i64::MAX)?;
        self.files.iter_mut().try_for_each(Write::flush)
    }
}
