//! Telegram Bot API: messages, updates, and the pages of `getUpdates`.
//!
//! Offsets of entities count UTF-16 units. The identity is `{chat id}_{message id}`. A forward is a repost; only
//! forwards from channels and chats say which message they come from.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, Frame,
    common::{by_utf16, link, malformed, missing_id, no_time},
    run::{Read, each},
    soft::{List, Scalar, Soft},
};
use crate::model::{Author, Channel, Geo, Kind, Media, Network, PageType, Post, Reference, Timestamp};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Update<'a> {
    #[serde(borrow)]
    update_id: Scalar<'a>,
    message: Option<&'a RawValue>,
    edited_message: Option<&'a RawValue>,
    channel_post: Option<&'a RawValue>,
    edited_channel_post: Option<&'a RawValue>,
    business_message: Option<&'a RawValue>,
    edited_business_message: Option<&'a RawValue>,
    result: Option<&'a RawValue>,
    message_id: Scalar<'a>,
    chat: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow)]
    message_id: Scalar<'a>,
    chat: Soft<Chat<'a>>,
    from: Soft<User<'a>>,
    sender_chat: Soft<Chat<'a>>,
    author_signature: Scalar<'a>,
    date: Scalar<'a>,
    edit_date: Scalar<'a>,
    text: Scalar<'a>,
    caption: Scalar<'a>,
    entities: List<Soft<Entity<'a>>>,
    caption_entities: List<Soft<Entity<'a>>>,
    reply_to_message: Option<&'a RawValue>,
    external_reply: Soft<Origin<'a>>,
    forward_origin: Soft<Origin<'a>>,
    forward_from: Soft<User<'a>>,
    forward_from_chat: Soft<Chat<'a>>,
    forward_from_message_id: Scalar<'a>,
    forward_sender_name: Scalar<'a>,
    forward_date: Scalar<'a>,
    forum_topic_created: Option<&'a RawValue>,
    has_media_spoiler: Scalar<'a>,
    location: Soft<Location<'a>>,
    poll: Soft<Poll<'a>>,
    photo: Option<&'a RawValue>,
    video: Option<&'a RawValue>,
    animation: Option<&'a RawValue>,
    audio: Option<&'a RawValue>,
    voice: Option<&'a RawValue>,
    video_note: Option<&'a RawValue>,
    document: Option<&'a RawValue>,
    sticker: Option<&'a RawValue>,
    views: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Chat<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    title: Scalar<'a>,
    username: Scalar<'a>,
    first_name: Scalar<'a>,
    last_name: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    username: Scalar<'a>,
    first_name: Scalar<'a>,
    last_name: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entity<'a> {
    #[serde(borrow, rename = "type")]
    kind: Scalar<'a>,
    offset: Scalar<'a>,
    length: Scalar<'a>,
    url: Scalar<'a>,
    user: Soft<User<'a>>,
}

/// `MessageOrigin`, and the reply to a message of another chat, which has one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Origin<'a> {
    #[serde(borrow)]
    date: Scalar<'a>,
    sender_user: Soft<User<'a>>,
    sender_user_name: Scalar<'a>,
    sender_chat: Soft<Chat<'a>>,
    chat: Soft<Chat<'a>>,
    message_id: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Location<'a> {
    #[serde(borrow)]
    latitude: Scalar<'a>,
    longitude: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Poll<'a> {
    #[serde(borrow)]
    question: Scalar<'a>,
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let update: Update<'_> = serde_json::from_str(text)?;
    if let Some(page) = update.result {
        return if page.get().starts_with('[') {
            each(page, emit, decode)
        } else {
            decode_inner(page.get(), false, emit)
        };
    }
    let known = [
        (update.message, false),
        (update.channel_post, false),
        (update.business_message, false),
        (update.edited_message, true),
        (update.edited_channel_post, true),
        (update.edited_business_message, true),
    ];
    match known.into_iter().find_map(|(raw, edited)| raw.map(|raw| (raw, edited))) {
        Some((raw, edited)) => decode_inner(raw.get(), edited, emit),
        None if !update.message_id.is_absent() || update.chat.is_some() => decode_inner(text, false, emit),
        None if !update.update_id.is_absent() => {
            emit(Frame::Ignored("other_update"));
            Ok(())
        }
        None => {
            missing_id(emit, "message_id");
            Ok(())
        }
    }
}

fn decode_inner(text: &str, edited: bool, emit: &mut Emit<'_>) -> Read {
    match serde_json::from_str::<Soft<Message<'_>>>(text)?.0 {
        Some(message) => read(message, edited, emit),
        None => malformed(emit, "missing_record", "the update's message is no object"),
    }
    Ok(())
}

fn read(message: Message<'_>, edited: bool, emit: &mut Emit<'_>) {
    let Some(id) = identity(&message.chat.0, &message.message_id) else {
        return missing_id(emit, "chat.id and message_id");
    };
    let Some(published_at) = message.date.integer().map(Timestamp::from_seconds) else {
        return no_time(emit, "date", message.date.as_str());
    };
    let (media, geo) = (media(&message), message.location.0.map(place));
    let (text, entities) = match message.text.text() {
        Some(text) => (Some(text), message.entities),
        None => (message.caption.text(), message.caption_entities),
    };
    let text = text.or_else(|| message.poll.0.and_then(|poll| poll.question.text()));
    if text.is_none() && media.is_empty() && geo.is_none() {
        return emit(Frame::Ignored("service_message"));
    }
    let chat = message.chat.or_empty();
    let mut post = Post::new(Network::Telegram, id, text.unwrap_or_default(), published_at);
    post.page_type = PageType::Messaging;
    post.url = message_url(&chat, &message.message_id);
    read_entities(&mut post, entities);
    post.media = media;
    post.geo = geo;
    post.sensitive = message.has_media_spoiler.flag();
    post.counts.views = message.views.count();
    let edit = message.edit_date.integer().map(Timestamp::from_seconds);
    post.edited_at = edit.or_else(|| edited.then_some(published_at));
    post.in_reply_to =
        message.reply_to_message.and_then(answered).or_else(|| message.external_reply.0.and_then(origin));
    let forward = message.forward_origin.0.map(|o| (true, origin(o))).unwrap_or_else(|| {
        let old = Origin {
            date: message.forward_date,
            chat: message.forward_from_chat,
            message_id: message.forward_from_message_id,
            sender_user: message.forward_from,
            sender_user_name: message.forward_sender_name,
            ..Origin::default()
        };
        (old.is_some(), origin(old))
    });
    post.kind = match (&forward.0, &post.in_reply_to) {
        (true, _) => Kind::Repost,
        (_, Some(_)) => Kind::Reply,
        _ => Kind::Original,
    };
    post.repost_of = forward.1;
    let name = chat_name(&chat);
    post.author = author(message.from, message.sender_chat, message.author_signature, &chat);
    post.channel = Some(Channel { id: chat.id.id(), name, ..Channel::default() });
    emit(Frame::Post(post));
}

fn identity(chat: &Option<Chat<'_>>, message_id: &Scalar<'_>) -> Option<Cow<'static, str>> {
    let chat = chat.as_ref()?.id.clone().id()?;
    let message = message_id.clone().id()?;
    Some(Cow::Owned([&chat, "_", &message].concat()))
}

/// Public chats have a name; of the others, supergroups and channels (`-100...`) have an address for members.
fn message_url(chat: &Chat<'_>, message_id: &Scalar<'_>) -> Option<Cow<'static, str>> {
    let message = message_id.clone().id()?;
    let chat_id = chat.id.clone().id().unwrap_or_default();
    if !chat_id.starts_with('-') {
        return None;
    }
    if let Some(name) = chat.username.clone().filled() {
        return Some(Cow::Owned(format!("https://t.me/{name}/{message}")));
    }
    chat_id.strip_prefix("-100").map(|inner| Cow::Owned(format!("https://t.me/c/{inner}/{message}")))
}

fn read_entities<'a>(post: &mut Post<'a>, entities: List<Soft<Entity<'a>>>) {
    for entity in entities.objects() {
        let start = entity.offset.count().unwrap_or(0) as usize;
        let end = start.saturating_add(entity.length.count().unwrap_or(0) as usize);
        let shown = by_utf16(&post.body, start, end).unwrap_or("").to_owned();
        match entity.kind.as_str() {
            "hashtag" => post.hashtags.extend(without('#', &shown)),
            "mention" => post.mentions.extend(without('@', &shown)),
            "text_mention" => post.mentions.extend(user_name(&entity.user.or_empty())),
            "url" if !shown.is_empty() => post.links.push(link(Cow::Owned(shown), None)),
            "text_link" => {
                if let Some(url) = entity.url.filled() {
                    post.links.push(link(url, None));
                }
            }
            _ => {}
        }
    }
}

/// `#tag@channel` is a tag too.
fn without(sign: char, shown: &str) -> Option<Cow<'static, str>> {
    let name = shown.trim_start_matches([sign, '＃', '＠']).split('@').next()?;
    (!name.is_empty()).then(|| Cow::Owned(name.to_owned()))
}

fn media<'a>(message: &Message<'a>) -> Vec<Media<'a>> {
    // An animation is repeated as a document.
    let document = message.document.filter(|_| message.animation.is_none());
    let kinds = [
        ("image", message.photo),
        ("video", message.video),
        ("gif", message.animation),
        ("audio", message.audio),
        ("audio", message.voice),
        ("video", message.video_note),
        ("document", document),
        ("sticker", message.sticker),
    ];
    let present = kinds.into_iter().filter(|(_, raw)| raw.is_some());
    present.map(|(kind, _)| Media { media_type: Cow::Borrowed(kind), url: None, alt: None }).collect()
}

fn place(location: Location<'_>) -> Geo<'static> {
    Geo { latitude: location.latitude.float(), longitude: location.longitude.float(), ..Geo::default() }
}

/// The message answered. In a forum every message answers the one that opened the topic; that is no reply.
fn answered(raw: &RawValue) -> Option<Reference<'_>> {
    let message = serde_json::from_str::<Soft<Message<'_>>>(raw.get()).ok()?.0?;
    if message.forum_topic_created.is_some() {
        return None;
    }
    let id = identity(&message.chat.0, &message.message_id)?;
    let chat = message.chat.or_empty();
    let url = message_url(&chat, &message.message_id);
    let text = message.text.text().or_else(|| message.caption.text());
    let published_at = message.date.integer().map(Timestamp::from_seconds);
    let author = author(message.from, message.sender_chat, Scalar::Absent, &chat);
    Some(Reference { id, author: author.handle.or(author.id), url, text, published_at })
}

impl Origin<'_> {
    fn is_some(&self) -> bool {
        !self.date.is_absent() || self.chat.0.is_some() || self.sender_user.0.is_some()
    }
}

/// The message that a forward comes from, where it has an identity.
fn origin(origin: Origin<'_>) -> Option<Reference<'_>> {
    let id = identity(&origin.chat.0, &origin.message_id)?;
    let chat = origin.chat.or_empty();
    let url = message_url(&chat, &origin.message_id);
    let author = chat.username.filled().or_else(|| chat.id.id());
    Some(Reference {
        id,
        author,
        url,
        text: None,
        published_at: origin.date.integer().map(Timestamp::from_seconds),
    })
}

fn author<'a>(
    from: Soft<User<'a>>,
    sender: Soft<Chat<'a>>,
    signature: Scalar<'a>,
    chat: &Chat<'a>,
) -> Author<'a> {
    // A channel or an anonymous administrator speaks as a chat; `from` is then a stand-in.
    if let Some(sender) = sender.0 {
        let name = signature.filled().or_else(|| chat_name(&sender));
        return profile(sender.id, sender.username, name);
    }
    match from.0 {
        Some(user) => {
            let name = full_name(&user.first_name, &user.last_name);
            profile(user.id, user.username, name)
        }
        None => {
            profile(chat.id.clone(), chat.username.clone(), signature.filled().or_else(|| chat_name(chat)))
        }
    }
}

fn profile<'a>(id: Scalar<'a>, username: Scalar<'a>, name: Option<Cow<'a, str>>) -> Author<'a> {
    let handle = username.filled();
    let url = handle.as_deref().map(|handle| Cow::Owned(["https://t.me/", handle].concat()));
    Author { id: id.id(), handle, name, url, ..Author::default() }
}

fn user_name<'a>(user: &User<'a>) -> Option<Cow<'a, str>> {
    user.username.clone().filled().or_else(|| full_name(&user.first_name, &user.last_name))
}

fn chat_name<'a>(chat: &Chat<'a>) -> Option<Cow<'a, str>> {
    chat.title.clone().filled().or_else(|| full_name(&chat.first_name, &chat.last_name))
}

fn full_name<'a>(first: &Scalar<'a>, last: &Scalar<'a>) -> Option<Cow<'a, str>> {
    match (first.clone().filled(), last.clone().filled()) {
        (Some(first), Some(last)) => Some(Cow::Owned([&first, " ", &last].concat())),
        (first, last) => first.or(last),
    }
}
