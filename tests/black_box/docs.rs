//! What the docs say of the code is so: the tests, events, refusals, paths, files and names that they quote are there.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    path::{Path, PathBuf},
};

use postern::{
    api::OPEN_TO_STRANGERS,
    app::places::{Access, BRAND_STYLE, FAILURE_STYLE, FILES, HEALTHZ, LOGO, PLACES, READYZ},
    audit::Event,
    domain::AddressFault,
    refusal::Refusal,
};
use strum::IntoEnumIterator;

/// Documents that quote tests as proof.
const QUOTING_TESTS: [&str; 5] =
    ["docs/threat-model.md", "docs/logging.md", "docs/deployment.md", "SECURITY.md", "CONTRIBUTING.md"];
/// What the recipes add, which is not there.
const EXAMPLE: &str = "report";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files below `folder` that end like that, by their path from the root.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(ending) {
                found.push(name);
            }
        }
    }
    found
}

/// All documents, by name.
pub fn documents() -> Vec<String> {
    let at_the_root = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name());
    let at_the_root =
        at_the_root.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".md"));
    at_the_root
        .chain(files("docs", ".md"))
        .chain(["end2end/README.md", "benches/peers/README.md"].map(str::to_owned))
        .collect()
}

/// Everything else that speaks of files and names, by name.
fn code() -> Vec<String> {
    let folders = [
        ("src", ".rs"),
        ("build", ".rs"),
        ("tests", ".rs"),
        ("end2end/support", ".ts"),
        ("end2end/tests", ".ts"),
        ("tests/chaos", ".py"),
        ("benches", ".py"),
        ("benches", ".mjs"),
        ("examples", ".rs"),
        ("docs/machines", ""),
        ("migrations", ".sql"),
    ];
    let others = [
        "script/bootstrap",
        "script/server",
        "script/test",
        "script/bench",
        "script/chaos",
        ".ci/run",
        ".env.example",
        ".gitignore",
        "Cargo.toml",
        "Leptos.toml",
        "clippy.toml",
        "deny.toml",
    ];
    let folders = folders.iter().flat_map(|(folder, ending)| files(folder, ending));
    folders.chain(others.map(str::to_owned)).collect()
}

/// The text of the server and the client.
fn source() -> String {
    files("src", ".rs").iter().map(|name| document(name)).collect()
}

/// What stands in backticks, outside of code blocks, with single spaces.
fn quoted(text: &str) -> Vec<String> {
    let (mut prose, mut in_code, mut after_blank) = (String::new(), false, true);
    for line in text.lines() {
        in_code = line.starts_with("    ") && (after_blank || in_code);
        after_blank = line.trim().is_empty();
        if !in_code {
            prose += line;
            prose.push('\n');
        }
    }
    let parts: Vec<_> = prose.split('`').collect();
    assert!(parts.len() % 2 == 1, "a backtick is missing: {text}");
    parts
        .into_iter()
        .skip(1)
        .step_by(2)
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// The text below a heading, up to the next heading of its kind.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let heading = format!("\n{heading}\n");
    let (_, rest) = text.split_once(&heading).unwrap_or_else(|| panic!("there is no{heading}"));
    rest.split("\n## ").next().unwrap()
}

/// The cells of a table's rows that begin with something in backticks.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The events that docs/logging.md lists, each with its reasons.
pub fn documented_events() -> BTreeMap<String, BTreeSet<String>> {
    let text = document("docs/logging.md");
    let rows = rows(section(&text, "## Events"));
    let event = |cells: &Vec<&str>| (quoted(cells[0]).remove(0), quoted(cells[2]).into_iter().collect());
    let events: BTreeMap<_, _> = rows.iter().map(event).collect();
    assert_eq!(events.len(), rows.len(), "an event is listed twice");
    events
}

#[test]
fn every_test_that_the_docs_quote_exists() {
    let mut functions = HashSet::new();
    for name in code().into_iter().filter(|name| name.ends_with(".rs")) {
        let source = document(&name);
        let names = source.split("fn ").skip(1).map(|rest| rest.split(|c| !is_word(c)).next().unwrap());
        functions.extend(names.map(str::to_owned));
    }
    let mut titles = HashSet::new();
    for name in files("end2end/tests", ".ts") {
        let source = document(&name);
        titles.extend(source.split("test('").skip(1).map(|rest| rest.split('\'').next().unwrap().to_owned()));
    }
    let reasons: HashSet<_> = documented_events().into_values().flatten().collect();
    let is_function =
        |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let is_title = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || " ,'-".contains(c));
    let mut found = 0;
    for document_name in QUOTING_TESTS {
        for name in quoted(&document(document_name)) {
            // Shorter names are settings, events and directives of other programs.
            if is_function(&name) && name.split('_').count() > 3 && !reasons.contains(&name) {
                assert!(
                    functions.contains(&name),
                    "{document_name} quotes {name}, and there is no such test"
                );
                found += 1;
            } else if is_title(&name) && name.split(' ').count() > 4 {
                assert!(
                    titles.contains(&name),
                    "{document_name} quotes `{name}`, and no browser test is called so"
                );
                found += 1;
            }
        }
    }
    assert!(found > 40, "only {found} were found: has the search gone blind?");
}

#[test]
fn the_events_in_the_docs_are_those_of_the_code() {
    let documented = documented_events();
    let events: BTreeSet<String> = Event::iter().map(|event| <&str>::from(event).to_owned()).collect();
    assert_eq!(documented.keys().cloned().collect::<BTreeSet<_>>(), events);
    let refusals: HashSet<_> = Refusal::iter().map(|refusal| refusal.name()).collect();
    let source = source();
    for (event, reasons) in documented {
        for reason in reasons {
            let in_code = match event.as_str() {
                "refused" => refusals.contains(reason.as_str()),
                // Written out, or the name of a variant.
                _ => source.contains(&format!("\"{reason}")) || source.contains(&camel_case(&reason)),
            };
            assert!(in_code, "{event} has the reason {reason} in docs/logging.md and not in the code");
        }
    }
}

fn camel_case(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[test]
fn the_lines_of_the_log_in_the_docs_are_in_the_code() {
    let text = document("docs/logging.md");
    let source = source();
    let mut found = 0;
    for row in
        section(&text, "## Other lines worth knowing").lines().filter(|line| line.starts_with("| ")).skip(1)
    {
        let lines = row.split(" | ").nth(1).unwrap();
        // Those of libraries say so.
        for line in lines.split(" · ").filter(|line| !line.contains("(from ")) {
            assert!(source.contains(line), "docs/logging.md has the line `{line}`, and nothing writes it");
            found += 1;
        }
    }
    assert!(found > 10, "{found}");
}

#[test]
fn the_refusals_in_the_docs_are_those_of_the_code() {
    let text = document("docs/architecture.md");
    let section = section(&text, "## Refusals");
    let documented: Vec<_> = rows(section)
        .iter()
        .map(|cells| (quoted(cells[0]).remove(0), cells[1].parse::<u16>().unwrap()))
        .collect();
    let refusals: Vec<_> =
        Refusal::iter().map(|refusal| (refusal.name().to_owned(), refusal.status())).collect();
    assert_eq!(documented, refusals);
    let faults = section
        .split("\n\n")
        .find(|part| part.starts_with("The `fault` of"))
        .expect("a paragraph about `fault`");
    let documented: Vec<_> = quoted(faults)
        .into_iter()
        .filter(|name| !["fault", "malformed_address"].contains(&&**name))
        .collect();
    let faults: Vec<_> = AddressFault::iter().map(|fault| <&str>::from(&fault).to_owned()).collect();
    assert_eq!(documented, faults);
}

#[test]
fn the_open_paths_in_the_docs_are_those_of_the_code() {
    let text = document("docs/configuration.md");
    let paragraphs = text.split("\n\n");
    let about = paragraphs.filter(|part| part.starts_with("Open without a session are")).collect::<Vec<_>>();
    assert_eq!(about.len(), 1, "one paragraph lists them");
    let documented: BTreeSet<_> = quoted(about[0]).into_iter().collect();
    let pages = PLACES
        .iter()
        .filter(|place| matches!(place.access, Access::Anyone | Access::Development))
        .map(|place| place.path);
    let open = pages
        .chain(FILES)
        .chain([FAILURE_STYLE, BRAND_STYLE, LOGO, HEALTHZ, READYZ, "/pkg"])
        .chain(OPEN_TO_STRANGERS);
    assert_eq!(documented, open.map(str::to_owned).collect());
}

#[test]
fn no_example_trusts_more_than_the_address_of_a_proxy() {
    let mut found = 0;
    for name in documents().into_iter().chain([".env.example".to_owned()]) {
        let text = document(&name);
        let in_lines = text.split("TRUSTED_PROXIES=").skip(1);
        let mut examples: Vec<_> =
            in_lines.map(|rest| rest.split(['\n', '`', ' ']).next().unwrap()).collect();
        if name == "docs/configuration.md" {
            let row = rows(&text).into_iter().find(|cells| cells[0] == "`TRUSTED_PROXIES`");
            examples.push(row.expect("a row").last().unwrap().trim_matches('`'));
        }
        for example in examples {
            for proxy in example.split(',') {
                assert!(proxy.parse::<std::net::IpAddr>().is_ok(), "{name} has TRUSTED_PROXIES={example}");
                found += 1;
            }
        }
    }
    assert!(found > 3, "only {found} were found: has the search gone blind?");
}

#[test]
fn what_the_docs_of_the_code_name_is_in_the_code() {
    let mut words = HashSet::new();
    for name in code() {
        for text in [document(&name), name] {
            words.extend(text.split(|c| !is_word(c)).map(str::to_owned));
        }
    }
    for name in ["docs/architecture.md", "docs/logging.md"] {
        let text = document(name);
        let mut named = quoted(&text);
        if name == "docs/architecture.md" {
            // Its blocks show the map, and how to write a function.
            let blocks =
                text.lines().filter(|line| line.starts_with("    ") && !line.starts_with("    cargo "));
            named.extend(blocks.map(str::to_owned));
        }
        for named in named.iter().filter(|named| !named.contains(EXAMPLE)) {
            let is_name =
                |word: &&str| word.len() > 2 && word.contains(|c: char| c == '_' || c.is_ascii_uppercase());
            for word in named.split(|c| !is_word(c)).filter(is_name) {
                // A name that machines see may be derived from that of a variant.
                let there = words.contains(word) || words.contains(&camel_case(word));
                assert!(there, "{name} names {word} (in `{named}`), which is nowhere");
            }
        }
    }
}

#[test]
fn every_file_that_is_named_exists() {
    let folders = [
        "src/",
        "tests/",
        "benches/",
        "examples/",
        "end2end/",
        "docs/",
        "script/",
        "migrations/",
        "style/",
        "public/",
        ".ci/",
    ];
    let is_path = |c: char| c.is_ascii_alphanumeric() || "_-./*{}".contains(c);
    // By the example in the recipes, and by npm.
    let made_elsewhere = |path: &str| path.contains(EXAMPLE) || path.contains("node_modules");
    let code = code();
    let mut found = 0;
    for name in documents().iter().chain(&code) {
        let text = document(name);
        let tokens = text.split(|c| !is_path(c)).map(|token| token.trim_end_matches(['.', '-']));
        for path in tokens.filter(|token| !made_elsewhere(token) && !token.contains(['*', '{'])) {
            if folders.iter().any(|folder| path.starts_with(folder)) {
                // From the root, or from a folder around the one that names it.
                let there = Path::new(name).ancestors().any(|around| root().join(around).join(path).exists());
                assert!(there, "{name} names {path}, which is not there");
                found += 1;
            } else if name.ends_with(".md") && path.ends_with(".rs") {
                // In prose the beginning of a path may be left out.
                let there = code.iter().any(|source| format!("/{source}").ends_with(&format!("/{path}")));
                assert!(there, "{name} names {path}, which is not there");
                found += 1;
            }
        }
    }
    assert!(found > 100, "only {found} were found: has the search gone blind?");
}

#[test]
fn every_link_between_the_docs_leads_somewhere() {
    for name in documents() {
        let (text, folder) = (document(&name), root().join(&name).parent().map(PathBuf::from).unwrap());
        let targets = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
        for target in targets.filter(|target| !target.contains("://")) {
            let (file, anchor) =
                target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
            let path = if file.is_empty() { root().join(&name) } else { folder.join(file) };
            assert!(path.exists(), "{name} links to {target}, which is not there");
            if let Some(anchor) = anchor {
                let headings = fs::read_to_string(path).unwrap();
                let found = headings
                    .lines()
                    .filter(|line| line.starts_with('#'))
                    .any(|line| anchor_of(line) == anchor);
                assert!(found, "{name} links to {target}, and there is no such heading");
            }
        }
    }
}

/// As GitHub makes it.
fn anchor_of(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    text.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

#[test]
fn the_reading_of_a_document_finds_what_is_quoted() {
    let text = "A `one` and a `two\n words`.\n\n    `in a block`\n\n10. text\n    `three`\n";
    assert_eq!(quoted(text), ["one", "two words", "three"]);
    assert_eq!(rows("| Name | Status |\n| --- | --- |\n| `a` | 401 |\n"), [["`a`", "401"]]);
    assert_eq!(section("# A\n\n## B\n\nb\n\n## C\n\nc\n", "## B").trim(), "b");
    assert_eq!(anchor_of("## What does not stop them"), "what-does-not-stop-them");
}

/// What is logged at these levels, as far as the first sign that ends a clause.
fn warnings(code: &str) -> Vec<&str> {
    let calls = ["tracing::error!(", "tracing::warn!("].into_iter().flat_map(|call| code.split(call).skip(1));
    let messages = calls.filter_map(|rest| {
        let call = &rest[..rest.find(");").unwrap_or(rest.len())];
        // The message is the one literal that is more than a word.
        call.split('"').skip(1).step_by(2).find(|literal| literal.contains(' '))
    });
    messages.map(|message| message.split([':', ';', '(', '.', '\\']).next().unwrap().trim()).collect()
}

#[test]
fn every_warning_and_every_error_of_the_log_is_explained() {
    let (documented, mut checked) = (document("docs/logging.md"), 0);
    for file in files("src", ".rs") {
        for message in warnings(&document(&file)) {
            assert!(documented.contains(message), "docs/logging.md does not know of `{message}`, in {file}");
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked} were found");
}

#[test]
fn the_table_of_contents_has_every_page_and_the_readme_leads_to_it() {
    let contents = document("docs/README.md");
    let listed: HashSet<_> = contents
        .split("](")
        .skip(1)
        .map(|rest| rest.split([')', '#']).next().unwrap())
        .map(|target| format!("docs/{target}"))
        .collect();
    let pages = files("docs", ".md");
    // Records of decisions stand in the table of their own folder.
    let (records, pages): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.contains("/decisions/0"));
    for page in pages.iter().filter(|page| **page != "docs/README.md") {
        assert!(listed.contains(*page), "docs/README.md does not have {page}");
    }
    let decisions = document("docs/decisions/README.md");
    for record in &records {
        let name = record.rsplit('/').next().unwrap();
        assert!(decisions.contains(&format!("]({name})")), "docs/decisions/README.md does not have {name}");
    }
    assert!(pages.len() > 10 && records.len() > 10, "{} and {}", pages.len(), records.len());
    assert!(document("README.md").contains("](docs/README.md)"), "README.md does not lead to docs/README.md");
}
