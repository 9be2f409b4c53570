//! Who talks, and about whom: three airlines, three voices of the crisis, and a crowd.
//!
//! **Invariant:** every airline and person here is invented.

use super::rng::{Rng, Zipf, mix};

/// The writing of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    English,
    /// Chinese, Simplified.
    Hans,
    /// Chinese, Traditional.
    Hant,
}

/// One airline as people write it.
#[derive(Debug)]
pub(crate) struct Airline {
    /// Two letters before its flight numbers.
    pub(crate) code: &'static str,
    /// Names in English text, with weights.
    english: &'static [(&'static str, u64)],
    hans: &'static [(&'static str, u64)],
    hant: &'static [(&'static str, u64)],
    /// Weights of complaint, neutral talk and praise.
    pub(crate) moods: [u64; 3],
}

/// The airline of the crisis.
pub(crate) const PAN_UNION: &Airline = &Airline {
    code: "PU",
    english: &[("PanUnion", 45), ("PanUnion Airlines", 15), ("@PanUnionAir", 28), ("#PanUnion", 12)],
    hans: &[("泛联航空", 80), ("泛联", 10), ("@泛联航空 ", 10)],
    hant: &[("泛聯航空", 85), ("泛聯", 15)],
    moods: [36, 38, 26],
};

/// The airline whose name is also a bird, in both languages.
pub(crate) const HERON: &Airline = &Airline {
    code: "HN",
    english: &[("Heron Airways", 40), ("Heron", 28), ("@HeronAirways", 20), ("#HeronAirways", 12)],
    hans: &[("苍鹭航空", 90), ("@苍鹭航空 ", 10)],
    hant: &[("蒼鷺航空", 100)],
    moods: [26, 40, 34],
};

/// The airline that is talked about mostly in Chinese.
pub(crate) const JADEWING: &Airline = &Airline {
    code: "JW",
    english: &[("Jadewing", 50), ("Jadewing Airlines", 20), ("@FlyJadewing", 20), ("#Jadewing", 10)],
    hans: &[("玉翼航空", 70), ("玉翼", 20), ("@玉翼航空 ", 10)],
    hant: &[("玉翼航空", 80), ("玉翼", 20)],
    moods: [25, 40, 35],
};

impl Airline {
    /// One of its names.
    pub(crate) fn name(&self, script: Script, rng: &mut Rng) -> &'static str {
        let names = match script {
            Script::English => self.english,
            Script::Hans => self.hans,
            Script::Hant => self.hant,
        };
        let weights: Vec<u64> = names.iter().map(|n| n.1).collect();
        names[rng.weighted(&weights)].0
    }
}

/// An account. Its network's own id is made from `number`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Author {
    pub(crate) number: u64,
    pub(crate) handle: String,
    pub(crate) name: String,
    pub(crate) followers: u64,
    pub(crate) verified: bool,
}

fn star(number: u64, handle: &str, name: &str, followers: u64, verified: bool) -> Author {
    Author { number, handle: handle.to_owned(), name: name.to_owned(), followers, verified }
}

/// The guitar player whose complaint starts it all: a small account.
pub(crate) fn musician() -> Author {
    star(700_001, "tobinquill", "Tobin Quill", 312, false)
}

/// The travel presenter who passes it on.
pub(crate) fn influencer() -> Author {
    star(700_002, "marisolvantree", "Marisol Vantree", 2_140_000, true)
}

/// The airline's own account, which answers badly.
pub(crate) fn airline_account() -> Author {
    star(700_003, "PanUnionAir", "PanUnion Airlines", 486_000, true)
}

/// The blogger who brings the story to Weibo.
pub(crate) fn weibo_voice() -> Author {
    star(700_004, "hanglv_alan", "航旅阿岚", 3_400_000, true)
}

const FIRST: &[&str] = &[
    "Ada", "Bea", "Cato", "Dalia", "Edda", "Fenn", "Gita", "Hugo", "Ines", "Joss", "Kiri", "Lumi", "Milo",
    "Nell", "Orla", "Pia", "Quin", "Rafa", "Suri", "Tove", "Uma", "Vito", "Wren", "Xeni", "Yara", "Zeno",
    "Anik", "Bram", "Cleo", "Dov",
];
const LAST: &[&str] = &[
    "Marrow", "Thistle", "Okonjo", "Velasz", "Brandt", "Sorrel", "Ishimori", "Pell", "Castane", "Drummel",
    "Ferrow", "Gannick", "Hollin", "Ivarsen", "Jubb", "Kestrin", "Lovatt", "Munro", "Nakade", "Osei",
    "Parvane", "Quist", "Rensburg", "Salter", "Tamboli", "Umber", "Vanterp", "Wexley", "Yarrow", "Zielin",
];
const ZH_FIRST: &[&str] = &[
    "爱吃",
    "晚睡的",
    "路过的",
    "南方",
    "北方",
    "江边",
    "山里",
    "会飞的",
    "早起的",
    "数学课上的",
    "加班的",
    "失眠的",
    "快乐的",
    "小镇",
    "巷口",
    "海边",
    "二楼",
    "旅行的",
    "认真的",
    "奔跑的",
    "听雨的",
    "种花的",
    "攒钱的",
    "等风的",
    "隔壁",
];
const ZH_LAST: &[&str] = &[
    "橘子",
    "柚子",
    "小鱼",
    "木匠",
    "石头",
    "麻雀",
    "馄饨",
    "豆包",
    "阿飞",
    "小满",
    "谷雨",
    "老猫",
    "蜗牛",
    "西瓜",
    "土豆",
    "向日葵",
    "铅笔",
    "云朵",
    "胖虎",
    "栗子",
    "灯塔",
    "汽水",
    "白菜",
    "橡皮",
    "企鹅",
];

/// A crowd of accounts on one network: a few write much, most write little (Zipf), and followers are as unequal.
#[derive(Debug)]
pub(crate) struct Crowd {
    zipf: Zipf,
    salt: u64,
    chinese: bool,
}

impl Crowd {
    /// `salt` tells crowds apart; `offset` as in [`Zipf::new`].
    pub(crate) fn new(size: usize, offset: u64, salt: u64, chinese: bool) -> Crowd {
        Crowd { zipf: Zipf::new(size, offset), salt: salt << 20, chinese }
    }

    /// The author of the next post.
    pub(crate) fn draw(&self, rng: &mut Rng) -> Author {
        self.author(self.zipf.draw(rng) as u64)
    }

    /// Author number `rank` of this crowd, always the same.
    fn author(&self, rank: u64) -> Author {
        let number = self.salt + rank;
        let dice = mix(number);
        let followers = followers(mix(dice));
        let (first, last, digits) = (dice as usize, (dice >> 20) as usize, (dice >> 40) % 9000 + 1000);
        let english =
            format!("{}_{}", FIRST[first % FIRST.len()], LAST[last % LAST.len()]).to_ascii_lowercase();
        let name = if self.chinese {
            format!("{}{}{}", ZH_FIRST[first % ZH_FIRST.len()], ZH_LAST[last % ZH_LAST.len()], digits % 100)
        } else {
            format!("{} {}", FIRST[first % FIRST.len()], LAST[last % LAST.len()])
        };
        Author { number, handle: format!("{english}{digits}"), name, followers, verified: followers > 40_000 }
    }
}

/// Followers of the account with these dice: 60,000 / rank for a rank that is uniform in 1..=2,000 (Zipf), plus a handful.
fn followers(dice: u64) -> u64 {
    60_000 / (dice % 2_000 + 1) + (dice >> 32) % 90
}
