//! A migration that was released never changes, and says which Postern still works after it.

use std::{fs, path::Path, process::Command};

use sha2::{Digest, Sha256};

/// The SHA-256 of each file under migrations/. A new file gets a new line.
const RELEASED: [(&str, &str); 25] = [
    ("postgres/0010_first.sql", "ff929586f0281e99c76b3c23afb89fc57b22b1c6d1b69f64b4e88ee259fcfc94"),
    ("postgres/0011_lines.sql", "214faa71d469b8495d1458c58d89d8fbae58a8d6424e60a0995bd9c772224dbc"),
    ("postgres/0012_operators.sql", "f7434cfa13dd6b10d233d334131b7feb62b086c38b50e149937f7836a4f4f2cd"),
    ("postgres/0013_message_id.sql", "26d4a9008919f3945366d333d7dd4767fee501e67899a42c04a9f4834baf8fc7"),
    ("postgres/0014_operator.sql", "8f511f57e783f8f4b8b214e49aeb79435bbbe2215c027a83c5e549abd71e6c80"),
    ("postgres/0016_bounces.sql", "1fef402059dcff3a437baa943e6961bd2bbe62d4755759ca55da18b438859a1f"),
    ("postgres/0017_fewer_trees.sql", "50902461d15c8ec5e0d2bd8bd74b957eb676c1b1ca532f57c298e39ae3094ed4"),
    ("postgres/0018_indexes.sql", "b63dc42dcbc0197c0bd3256a72382c125dff28630b22d53b1a041bc4f0d6af71"),
    ("sqlite/0001_sign_in.sql", "74960f711ff2a5f0e645d94c165825b85481b2e88952fb9d0facecf888e4d9e6"),
    ("sqlite/0002_limits_and_audit.sql", "2a9548678777056a6926c983fa3cb67cb535a62e67b91f5f2abae530708d83c1"),
    ("sqlite/0003_one_step.sql", "ef8cf401af7c4bf4e618b5c3a62fc383cf64f8c97d07045543efbb6bd8d87f70"),
    ("sqlite/0004_budgets.sql", "f4746353ef174d3e220e912f4d6f9961df5a5c76ffa20614b0b42abc376a4c4e"),
    ("sqlite/0005_gateway.sql", "f77ff200fc1a88c26fc21db984ae6b39f776c7464219d5883d392a0f2c00df5e"),
    ("sqlite/0006_asked_from.sql", "95295396e306b2a1df108c12daca3c4c72d58dbb7585023918771c5a92985a97"),
    ("sqlite/0007_language.sql", "a06875860e738683a1708667a381efaed6be2a83e96ebf9f621ccf79875bc419"),
    ("sqlite/0008_devices.sql", "6809e4b9f64cdf4edf12f0bde9b9222cb79c4307abbb6f3cccf8d252c59d6fb2"),
    ("sqlite/0009_new_device_mails.sql", "82c538e444d2d98ecfa2b71cdf9360f1f6ed2c21b37e2ad62b1bdca6f475810a"),
    ("sqlite/0010_instances.sql", "0d06632e243880c9476cb07439ffa7a57db6517a1556d3fae4b00fea6d365210"),
    ("sqlite/0011_lines.sql", "6b099b9d29b8653cc5881a70168170b19c5bea4d800c23d223d78676b0bfb23e"),
    ("sqlite/0012_operators.sql", "88f69bc9e1c1fcc042d9e02bb50b6f65ac03af0d361d3feb15917ddebc4e1e89"),
    ("sqlite/0013_message_id.sql", "4d6c41ed58e54eb50b13831d71cac9e80d67561d53c770c273069d09c98e6f7e"),
    ("sqlite/0014_operator.sql", "51e82b84826568f46244fb4527031de08a7c1e7bc049894b9bd63f9a6a3b1ac6"),
    ("sqlite/0016_bounces.sql", "52c6b18fb57f08bebf6986f81675dc80d9a9a805a3c00a4f3bb9b5ce99e9e48e"),
    ("sqlite/0017_fewer_trees.sql", "ce1332f0f2133b7fa0982b9f889d421cfe62f20c4252ab38d87da14e54574c9f"),
    ("sqlite/0018_indexes.sql", "f3b952848db69c40e4f72e4f54790aa0f1541f884afdefd6f4d7cf6b549f1c12"),
];

#[test]
fn no_migration_changes_once_it_is_there() {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")];
    let root = folders[0].clone();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                let sum = Sha256::digest(fs::read(&path).unwrap());
                found.push((name, sum.iter().map(|byte| format!("{byte:02x}")).collect::<String>()));
            }
        }
    }
    found.sort();
    for (name, sum) in &found {
        let released = RELEASED.iter().find(|(released, _)| released == name);
        let (_, released) = released.unwrap_or_else(|| {
            panic!("migrations/{name} is new: add it to RELEASED in tests/black_box/migrations.rs, as {sum}")
        });
        assert_eq!(
            sum, released,
            "migrations/{name} has changed. A server whose database has run it would not start any more: take the \
             change back and write a new migration. (Only a file that no release had may change; its new sum goes \
             into tests/black_box/migrations.rs.)"
        );
    }
    assert_eq!(
        found.len(),
        RELEASED.len(),
        "a migration is gone, and databases that have run it would not start"
    );
}

/// The files for PostgreSQL in their order, with their numbers.
fn for_postgres() -> Vec<(u32, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let number = |path: &Path| path.file_name().unwrap().to_str().unwrap()[..4].parse().unwrap();
    files.iter().map(|path| (number(path), fs::read_to_string(path).unwrap())).collect()
}

/// The version in the first line of a file, as numbers that can be compared.
fn works_with(file: &str) -> Vec<u32> {
    let line = file.lines().next().unwrap();
    let version =
        line.strip_prefix("-- works with: ").unwrap_or_else(|| panic!("the first line is `{line}`"));
    version.split('.').map(|number| number.parse().unwrap()).collect()
}

/// What an older binary may not survive: it still uses what goes, or does not fill what must not be empty. An index that goes
/// makes it slower at most; one that is unique comes with a UNIQUE INDEX of its own.
fn takes_away(file: &str) -> Option<&str> {
    let statements = file.lines().filter(|line| !line.starts_with("--") && !line.starts_with("DROP INDEX"));
    let words =
        ["DROP ", "RENAME ", "SET NOT NULL", "ALTER COLUMN", "DELETE FROM", "ADD CONSTRAINT", "UNIQUE INDEX"];
    let mut found = statements.filter(|line| {
        let adds_what_must_be_filled =
            line.contains("ADD COLUMN") && line.contains("NOT NULL") && !line.contains("DEFAULT");
        adds_what_must_be_filled || words.iter().any(|word| line.contains(word))
    });
    found.next()
}

#[test]
fn each_migration_of_postgresql_names_the_oldest_postern_that_works_with_it() {
    let this: Vec<u32> = env!("CARGO_PKG_VERSION").split('.').map(|number| number.parse().unwrap()).collect();
    let files = for_postgres();
    for (number, file) in &files {
        assert!(works_with(file) <= this, "{number}: no release works with it");
    }
    for pair in files.windows(2) {
        let [(_, before), (number, file)] = pair else { unreachable!() };
        assert!(works_with(file) >= works_with(before), "{number}: what it stands on wants a newer one");
        if let Some(line) = takes_away(file) {
            assert!(
                works_with(file) > works_with(before),
                "migration {number} takes something away (`{line}`), and says that a Postern still works which may use it"
            );
        }
    }
}

#[test]
fn what_takes_something_away_is_found() {
    for fine in
        ["ALTER TABLE t ADD COLUMN c TEXT;", "CREATE INDEX i ON t (c);", "-- DROP TABLE t;", "DROP INDEX i;"]
    {
        assert_eq!(takes_away(fine), None, "{fine}");
    }
    for wrong in ["DROP TABLE t;", "ALTER TABLE t RENAME TO u;", "ALTER TABLE t ADD COLUMN c TEXT NOT NULL;"]
    {
        assert!(takes_away(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn both_databases_have_a_file_for_each_number_from_the_first_of_postgresql_on() {
    let first = for_postgres()[0].0;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let numbers = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap()[..4].parse::<u32>().unwrap());
    let mut on_sqlite: Vec<_> = numbers.filter(|number| *number >= first).collect();
    on_sqlite.sort();
    let on_postgres: Vec<_> = for_postgres().iter().map(|(number, _)| *number).collect();
    assert_eq!(on_sqlite, on_postgres);
}

#[test]
fn the_claims_that_are_left_out_on_postgresql_exist_and_have_a_reason() {
    let list = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let lines = include_str!("sqlite_only.txt").lines().filter(|line| !line.starts_with('#'));
    for line in lines {
        let (name, reason) = line.split_once("  ").expect("a name, two spaces, and a reason");
        assert!(list.contains(&format!("{name}: test")), "{name} is no test");
        assert!(reason.len() > 20, "{line}");
    }
}
