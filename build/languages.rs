//! Compiles languages/*.ftl: each message of English becomes a method, and every other language must say the same.
//!
//! [`read`] finds the files, [`compile`] makes Rust of them or lists every mistake. What may stand in a message is kept
//! small: text, `{ $variable }`, and variants by a number. Terms, attributes, functions and messages inside of messages
//! are mistakes, so that the words of a method stand in one place.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey},
    parser::parse,
};

/// The language that the others are compared with, and that is spoken where none of them was asked for.
const FIRST: &str = "en";
/// The names of variants, beside whole numbers (Unicode's plural categories).
const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// A file: the code of its language, and its text.
pub type File = (String, String);

/// A message: its variables in the order of their first use, each with whether it is a number.
#[derive(Default)]
struct Message {
    variables: Vec<(String, bool)>,
}

/// The files in `folder`, by the codes of their languages.
///
/// # Errors
/// What could not be read.
pub fn read(folder: &Path) -> Result<Vec<File>, Vec<String>> {
    let unreadable = |path: &Path, error| vec![format!("{} cannot be read: {error}", path.display())];
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if let (Some(code), Some("ftl")) =
            (path.file_stem().and_then(|stem| stem.to_str()), path.extension().and_then(|it| it.to_str()))
        {
            let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            files.push((code.to_owned(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// The Rust of these languages: a constant with their codes and texts, the first language first, and a method of `Words`
/// for each message.
///
/// # Errors
/// Every mistake of every file, with the name of the file and of the message.
pub fn compile(files: &[File]) -> Result<String, Vec<String>> {
    let mut mistakes = Vec::new();
    let mut languages: BTreeMap<&str, BTreeMap<String, Message>> =
        files.iter().map(|(code, text)| (code.as_str(), messages(code, text, &mut mistakes))).collect();
    let Some(first) = languages.remove(FIRST) else {
        return Err(vec![format!("languages/{FIRST}.ftl is missing: the others are compared with it")]);
    };
    for (code, messages) in &languages {
        compare(code, messages, &first, &mut mistakes);
    }
    if mistakes.is_empty() { Ok(code(files, &first)) } else { Err(mistakes) }
}

/// The messages of a file by their keys.
fn messages(code: &str, text: &str, mistakes: &mut Vec<String>) -> BTreeMap<String, Message> {
    let mut found = BTreeMap::new();
    let resource = parse(text).unwrap_or_else(|(resource, errors)| {
        for error in errors {
            let line = text[..error.pos.start].lines().count().max(1);
            mistakes.push(format!("languages/{code}.ftl, line {line}: {error}"));
        }
        resource
    });
    for entry in &resource.body {
        let mut mistake =
            |key: &str, what: &str| mistakes.push(format!("languages/{code}.ftl: {key} {what}"));
        match entry {
            Entry::Message(message) => {
                let key = message.id.name;
                let mut read = Message::default();
                match &message.value {
                    Some(pattern) => read_pattern(pattern, &mut read, &mut |what| mistake(key, what)),
                    None => mistake(key, "has no text"),
                }
                if !message.attributes.is_empty() {
                    mistake(key, "has attributes; give each text a key of its own");
                }
                if found.insert(key.to_owned(), read).is_some() {
                    mistake(key, "stands there twice");
                }
            }
            Entry::Term(term) => mistake(term.id.name, "is a term; write the words where they are said"),
            // The parser has reported what it could not read.
            _ => {}
        }
    }
    found
}

fn read_pattern(pattern: &Pattern<&str>, message: &mut Message, mistake: &mut dyn FnMut(&str)) {
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
                InlineExpression::VariableReference { id } => note(message, id.name, false),
                InlineExpression::StringLiteral { .. } => {}
                _ => mistake("has something else in braces than a $variable"),
            },
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                match selector {
                    InlineExpression::VariableReference { id } => note(message, id.name, true),
                    _ => mistake("chooses by something else than a $variable"),
                }
                for Variant { key, value, .. } in variants {
                    match key {
                        VariantKey::Identifier { name } if !PLURALS.contains(name) => {
                            mistake(&format!("has the variant [{name}], which is no plural"));
                        }
                        _ => read_pattern(value, message, mistake),
                    }
                }
            }
            PatternElement::TextElement { .. } => {}
        }
    }
}

fn note(message: &mut Message, name: &str, is_number: bool) {
    match message.variables.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known |= is_number,
        None => message.variables.push((name.to_owned(), is_number)),
    }
}

/// Compares the messages of a language with those of the first one.
fn compare(
    code: &str,
    messages: &BTreeMap<String, Message>,
    first: &BTreeMap<String, Message>,
    mistakes: &mut Vec<String>,
) {
    let mut mistake = |key: &str, what: String| mistakes.push(format!("languages/{code}.ftl: {key} {what}"));
    for key in first.keys().filter(|key| !messages.contains_key(*key)) {
        mistake(key, format!("is missing; {FIRST}.ftl has it"));
    }
    for (key, message) in messages {
        let Some(original) = first.get(key) else {
            mistake(key, format!("is unknown; {FIRST}.ftl does not have it"));
            continue;
        };
        for (name, _) in &original.variables {
            if !message.variables.iter().any(|(used, _)| used == name) {
                mistake(key, format!("does not say ${name}, as {FIRST}.ftl does"));
            }
        }
        for (name, is_number) in &message.variables {
            match original.variables.iter().find(|(known, _)| known == name) {
                None => mistake(key, format!("says ${name}, which {FIRST}.ftl does not")),
                Some((_, false)) if *is_number => {
                    mistake(key, format!("chooses by ${name}, which is no number in {FIRST}.ftl"));
                }
                Some(_) => {}
            }
        }
    }
}

fn code(files: &[File], first: &BTreeMap<String, Message>) -> String {
    let mut code =
        String::from("/// The code of each language and its messages, the first language first.\n");
    code += "const SOURCES: &[(&str, &str)] = &[\n";
    let (first_file, others): (Vec<_>, Vec<_>) = files.iter().partition(|(code, _)| code == FIRST);
    for (name, text) in first_file.into_iter().chain(others) {
        let _ = writeln!(code, "    ({name:?}, {text:?}),");
    }
    // What no page says any more leaves the files with it: the lint makes an unused message an error.
    code += "];\n\n/// The messages without variables.\nconst PLAIN: &[&str] = &[\n";
    for (key, _) in first.iter().filter(|(_, message)| message.variables.is_empty()) {
        let _ = writeln!(code, "    {key:?},");
    }
    code += "];\n\n#[deny(dead_code)]\nimpl Words {\n";
    for (key, message) in first {
        let parameter = |(name, is_number): &(String, bool)| {
            format!(", {}: {}", snake_case(name), if *is_number { "u64" } else { "&str" })
        };
        let parameters: String = message.variables.iter().map(parameter).collect();
        let arguments =
            message.variables.iter().map(|(name, _)| format!("({name:?}, {}.into())", snake_case(name)));
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        let (gives, body) = match message.variables.is_empty() {
            true => ("&'static str", format!("self.plain({key:?})")),
            false => ("String", format!("self.filled({key:?}, [{arguments}])")),
        };
        let _ = writeln!(
            code,
            "    /// `{key}` of languages/{FIRST}.ftl.\n    pub(crate) fn {}(self{parameters}) -> {gives} {{\n        \
             {body}\n    }}",
            snake_case(key)
        );
    }
    code + "}\n"
}

fn snake_case(name: &str) -> String {
    name.replace('-', "_")
}
