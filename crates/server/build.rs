//! Makes sure that there is a folder of web assets to embed, and embeds it anew when the web app was built anew.

fn main() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/build");
    // Without the folder this would run, and everything be compiled, each time.
    if let Err(error) = std::fs::create_dir_all(&folder) {
        println!("cargo:warning=cannot make {}: {error}", folder.display());
    }
    println!("cargo:rerun-if-changed=build.rs");
    // Builds that are not optimized read the files when they are asked for.
    if std::env::var("OPT_LEVEL").is_ok_and(|level| level != "0") {
        println!("cargo:rerun-if-changed={}", folder.display());
    }
}
