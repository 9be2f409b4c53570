//! One record, and how many of each sort.

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An ordinary post.
    Post,
    /// A post of the crisis.
    Crisis,
    /// An ordinary post, 8 to 45 minutes behind.
    Late,
    /// The same bytes as an earlier record.
    Duplicate,
    /// The first half of a record.
    Malformed,
}

/// One record; the same one can be filled again and again.
#[derive(Clone, Debug)]
pub struct LoadRecord {
    /// What it is.
    pub sort: Sort,
    /// `network:id` of its post.
    pub key: String,
    /// The bytes, without a line break.
    pub value: String,
}

impl Default for LoadRecord {
    fn default() -> LoadRecord {
        LoadRecord { sort: Sort::Post, key: String::new(), value: String::new() }
    }
}

impl LoadRecord {
    /// An empty one of that sort.
    pub(super) fn clear(&mut self, sort: Sort) {
        self.sort = sort;
        self.key.clear();
        self.value.clear();
    }

    /// At a character, so that it stays a string.
    pub(super) fn cut_in_half(&mut self) {
        let half = (0..=self.value.len() / 2).rev().find(|at| self.value.is_char_boundary(*at));
        self.value.truncate(half.unwrap_or(0));
    }
}

/// How many records of each sort, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadCounts {
    /// All records.
    pub records: u64,
    /// Bytes of their values.
    pub bytes: u64,
    /// [`Sort::Post`].
    pub posts: u64,
    /// [`Sort::Crisis`].
    pub crisis: u64,
    /// [`Sort::Late`].
    pub late: u64,
    /// [`Sort::Duplicate`].
    pub duplicates: u64,
    /// [`Sort::Malformed`].
    pub malformed: u64,
}

impl LoadCounts {
    /// One more.
    pub fn add(&mut self, record: &LoadRecord) {
        self.records += 1;
        self.bytes += record.value.len() as u64;
        *match record.sort {
            Sort::Post => &mut self.posts,
            Sort::Crisis => &mut self.crisis,
            Sort::Late => &mut self.late,
            Sort::Duplicate => &mut self.duplicates,
            Sort::Malformed => &mut self.malformed,
        } += 1;
    }
}

impl std::fmt::Display for LoadCounts {
    /// `4830 posts, 40 of the crisis, 50 late, 100 duplicates, 20 malformed`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let LoadCounts { posts, crisis, late, duplicates, malformed, .. } = self;
        write!(
            f,
            "{posts} posts, {crisis} of the crisis, {late} late, {duplicates} duplicates, {malformed} malformed"
        )
    }
}
