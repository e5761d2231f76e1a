fn main() {
    // sqlx::migrate! reads the folder when it is compiled.
    println!("cargo:rerun-if-changed=migrations");
}
