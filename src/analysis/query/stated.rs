//! Tags and names that a feed states beside the text are read as those in the text are.

use super::field_test::{FieldTest, Value, fold};
use super::fields::Field;
use super::leaf::{Element, Form, Kinds, Leaf};
use crate::analysis::text::{TokenKind, push_name};

/// A name of a post as the field compares it. `accents` matter to a value that has one.
pub(super) fn fold_name(name: &str, (field, fold_han): (Field, bool), accents: bool, out: &mut String) {
    if !is_stated(field) {
        return fold(name, field, out);
    }
    out.clear();
    let bare = without_signs(name, field);
    if bare.is_ascii() {
        out.extend(bare.chars().map(|c| c.to_ascii_lowercase()));
    } else {
        push_name(bare, fold_han, accents, out);
    }
}

/// The field is answered by tags and names of the text, too.
pub(super) fn is_stated(field: Field) -> bool {
    matches!(field, Field::Tags | Field::AtMentions)
}

/// `#` and `@` of any width, and the sign that closes `#话题#`.
pub(super) fn without_signs(text: &str, field: Field) -> &str {
    let text = text.trim();
    match field {
        Field::Tags => {
            let bare = text.strip_prefix(['#', '＃']).unwrap_or(text);
            bare.strip_suffix(['#', '＃']).filter(|tag| !tag.is_empty()).unwrap_or(bare)
        }
        _ => text.strip_prefix(['@', '＠']).unwrap_or(text),
    }
}

/// The field and the value that a `#tag` or `@name` alone asks for.
pub(super) fn asked(leaf: &Leaf) -> Option<(Field, Value)> {
    let [only] = leaf.elements.as_slice() else { return None };
    let field = match only.kinds {
        kinds if kinds == Kinds::of(TokenKind::Hashtag) => Field::Tags,
        kinds if kinds == Kinds::of(TokenKind::Handle) => Field::AtMentions,
        _ => return None,
    };
    let value = value(only)?;
    leaf.symbols.is_none().then_some((field, value))
}

fn value(element: &Element) -> Option<Value> {
    let key = element.prefix.to_string();
    let (text, glob, accents) = match &element.form {
        Form::Folded(text) => (text.to_string(), None, false),
        Form::Kept(text) => (text.to_string(), None, true),
        Form::Pattern(glob) => (String::new(), Some(glob.clone()), false),
        Form::KeptPattern(glob) => (String::new(), Some(glob.clone()), true),
        // How a feed writes its tags is not how the author did.
        Form::Cased(_) => return None,
    };
    Some(Value { text, key, accents, glob })
}

impl FieldTest {
    /// Of the values that `#tag` and `@name` ask for.
    pub(super) fn of_stated(field: Field, values: Vec<Value>, fold_han: bool) -> FieldTest {
        FieldTest { field, values, range: (0.0, 0.0), fold_han }
    }
}
