//! The summary as text for a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{
    charts::{bar, cut, divide, duration, left, right, sparkline, thousands, wrap},
    summary::{BrandNumbers, IncidentLife, Summary},
};
use crate::model::{Fate, FateCounts, PostDigest, Severity, Timestamp};

/// Columns of the brands' names.
const NAME: usize = 20;
const BAR: usize = 40;
const TEXT: usize = 84;

/// Colours, or none of them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Palette {
    head: Style,
    good: Style,
    dull: Style,
    bad: Style,
    link: Style,
}

impl Palette {
    /// No colour at all.
    pub(crate) fn plain() -> Palette {
        Palette::default()
    }

    /// For terminals.
    pub(crate) fn coloured() -> Palette {
        Palette {
            head: Style::new().bold(),
            good: AnsiColor::Green.on_default(),
            dull: AnsiColor::BrightBlack.on_default(),
            bad: AnsiColor::Red.on_default(),
            link: AnsiColor::Cyan.on_default(),
        }
    }
}

fn paint(style: Style, text: &str) -> String {
    format!("{}{text}{}", style.render(), style.render_reset())
}

/// What is shown beside the numbers of the files.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// Brand ids and display names, in the order of the pipeline.
    pub(crate) brands: Vec<(&'a str, &'a str)>,
    /// Of all feeds together.
    pub(crate) fates: &'a FateCounts,
    /// Commands worth trying next, each with what it does.
    pub(crate) next: Vec<(String, &'static str)>,
    pub(crate) palette: Palette,
}

impl Context<'_> {
    fn name<'b>(&'b self, id: &'b str) -> &'b str {
        self.brands.iter().find(|brand| brand.0 == id).map_or(id, |brand| brand.1)
    }
}

/// The whole summary.
pub(crate) fn render(summary: &Summary, context: &Context<'_>) -> String {
    let mut out = String::new();
    let none = BrandNumbers::default();
    let brands: Vec<(&str, &BrandNumbers)> =
        context.brands.iter().map(|(id, name)| (*name, summary.brands.get(*id).unwrap_or(&none))).collect();
    for part in [
        volume(summary, &brands, context),
        share_of_voice(&brands, context),
        sentiment(&brands, context),
        incidents(summary, context),
        fates(context),
        files(summary, context),
        next(context),
    ] {
        out.push('\n');
        out.push_str(&part);
    }
    out
}

fn head(context: &Context<'_>, title: &str, note: &str) -> String {
    format!("{}  {}\n", paint(context.palette.head, title), paint(context.palette.dull, note))
}

fn volume(summary: &Summary, brands: &[(&str, &BrandNumbers)], context: &Context<'_>) -> String {
    let hours = brands.iter().map(|b| b.1.hours.len()).max().unwrap_or(0);
    let note = format!(
        "mentions an hour, {} hours from {} UTC, each row to its own scale",
        hours,
        clock(summary.start)
    );
    let mut out = head(context, "Volume", &note);
    for (name, brand) in brands {
        let top = brand.hours.iter().copied().max().unwrap_or(0);
        let _ = writeln!(
            out,
            "  {}{}  {}  {}",
            left(name, NAME),
            right(&thousands(brand.mentions()), 8),
            left(&format!("{}▏", sparkline(&padded(&brand.hours, hours), top)), hours + 1),
            paint(context.palette.dull, &format!("peak {}", thousands(top)))
        );
    }
    let _ = writeln!(out, "{}", paint(context.palette.dull, &hour_axis(summary.start, hours)));
    out
}

fn padded(hours: &[i64], length: usize) -> Vec<i64> {
    let mut hours = hours.to_vec();
    hours.resize(length, 0);
    hours
}

/// The hour of the day below every sixth column.
fn hour_axis(start: Timestamp, hours: usize) -> String {
    let first = (start.millis() / 3_600_000).rem_euclid(24) as usize;
    let labels: String =
        (0..hours).step_by(6).map(|hour| left(&format!("{:02}h", (first + hour) % 24), 6)).collect();
    format!("  {}{}", " ".repeat(NAME + 10), labels.trim_end())
}

fn share_of_voice(brands: &[(&str, &BrandNumbers)], context: &Context<'_>) -> String {
    let total: i64 = brands.iter().map(|b| b.1.mentions()).sum();
    let mut out = head(context, "Share of voice", "of all mentions of the three");
    for (name, brand) in brands {
        let share = if total > 0 { brand.mentions() as f64 / total as f64 } else { 0.0 };
        let _ = writeln!(out, "  {}{:>7.1} %  {}", left(name, NAME), share * 100.0, bar(share, BAR));
    }
    out
}

fn sentiment(brands: &[(&str, &BrandNumbers)], context: &Context<'_>) -> String {
    let palette = context.palette;
    let mut out =
        head(context, "Sentiment", "negative ▓ neutral ░ positive █   net of polar mentions, and of all");
    for (name, brand) in brands {
        let [positive, neutral, negative] = brand.sentiment;
        let cells = divide(&[negative, neutral, positive], BAR);
        let _ = writeln!(
            out,
            "  {}{} {}  {}{}{}",
            left(name, NAME),
            right(&signed(brand.net_polar()), 7),
            right(&signed(brand.net_total()), 7),
            paint(palette.bad, &"▓".repeat(cells[0])),
            paint(palette.dull, &"░".repeat(cells[1])),
            paint(palette.good, &"█".repeat(cells[2])),
        );
    }
    out
}

fn signed(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{v:+.2}"))
}

fn incidents(summary: &Summary, context: &Context<'_>) -> String {
    let note = match summary.incidents.len() {
        0 => "none".to_owned(),
        n => format!("{n} in {} hours", summary.brands.values().map(|b| b.hours.len()).max().unwrap_or(0)),
    };
    let mut out = head(context, "Incidents", &note);
    summary.incidents.iter().for_each(|life| incident(&mut out, life, context));
    out
}

fn incident(out: &mut String, life: &IncidentLife, context: &Context<'_>) {
    let (opened, palette) = (&life.opened, context.palette);
    let style = if opened.severity == Severity::Info { palette.dull } else { palette.bad };
    let title = format!("● {}: {} ({})", context.name(&opened.brand), opened.rule, life.last.severity);
    let _ = writeln!(out, "  {}", paint(style, &title));
    let end = if life.is_resolved() { "over after" } else { "still open after" };
    row(out, "opened", &format!("{} UTC, {end} {}", clock(opened.started_at), duration(life.lasted_ms())));
    row(out, "what", &opened.summary);
    row(out, "evidence", &evidence(life));
    let Some(cause) = life.peak.evidence.cause.as_ref().or(opened.evidence.cause.as_ref()) else { return };
    row(out, "cause", &cause_line(cause, life.peak.evidence.cause_followers));
    for line in wrap(&format!("“{}”", cut(&cause.text, 400)), TEXT) {
        row(out, "", &line);
    }
    if let Some(url) = &cause.url {
        row(out, "", &paint(palette.link, url));
    }
    let links = life.peak.evidence.top_links.iter().take(1);
    links.for_each(|link| {
        row(out, "link", &format!("{} ({} times)", paint(palette.link, &link.value), link.count))
    });
}

fn row(out: &mut String, label: &str, text: &str) {
    let _ = writeln!(out, "    {}{text}", left(label, 10));
}

fn evidence(life: &IncidentLife) -> String {
    let e = &life.opened.evidence;
    let negative = e.negative_share.map_or_else(String::new, |s| format!(", {:.0} % negative", s * 100.0));
    format!(
        "at its opening {} mentions by {} authors in {}{negative}; score {:.2}, needed {:.2}",
        thousands(e.mentions),
        thousands(e.authors as i64),
        duration(e.window_end.millis() - e.window_start.millis()),
        e.score,
        e.threshold,
    )
}

fn cause_line(cause: &PostDigest, followers: u64) -> String {
    let at = cause.published_at.map_or_else(String::new, |at| format!(", {} UTC", clock(at)));
    let reach = cause.followers.map_or_else(String::new, |n| format!(" ({} followers)", thousands(n as i64)));
    let posts = thousands(followers as i64);
    format!(
        "@{}{reach} on {}{at}; {posts} posts refer to it or carry its link",
        cause.author, cause.network
    )
}

/// `2026-03-11 07:42`.
fn clock(at: Timestamp) -> String {
    at.to_string().chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

fn fates(context: &Context<'_>) -> String {
    let received = context.fates.received();
    let mut out = head(context, "What became of every record", "each has exactly one fate");
    for fate in Fate::ALL {
        let count = context.fates.of(*fate);
        let share = count as f64 / received.max(1) as f64;
        let _ = writeln!(
            out,
            "  {}{}{:>8.2} %",
            left(fate.as_str(), NAME),
            right(&thousands(count as i64), 8),
            share * 100.0
        );
    }
    let _ = writeln!(out, "  {}{}", left("received", NAME), right(&thousands(received as i64), 8));
    out
}

fn files(summary: &Summary, context: &Context<'_>) -> String {
    let mut out = head(context, "Files", "");
    for (path, lines, bytes) in &summary.files {
        let size = format!("{} lines, {:.1} MB", thousands(*lines as i64), *bytes as f64 / 1e6);
        let _ = writeln!(
            out,
            "  {}{}",
            left(&path.display().to_string(), 44),
            paint(context.palette.dull, &size)
        );
    }
    out
}

fn next(context: &Context<'_>) -> String {
    let mut out = head(context, "Try next", "");
    for (command, purpose) in &context.next {
        let _ = writeln!(out, "  {command}\n      {}", paint(context.palette.dull, purpose));
    }
    out
}
