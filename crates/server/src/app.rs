//! What every request and job has at hand.

use std::sync::Arc;

use channel::http::Outside;
use domain::settings::Settings;
use object_store::local::LocalFileSystem;
use store::Store;
use tokio::sync::watch;

use crate::{
    config::Config,
    desk::menu::Menus,
    http::{flood::Floods, metrics::Metrics},
    jobs::Rates,
    journeys::Journeys,
    live::Live,
    people::passwords::Passwords,
    pulse::Pulse,
    universe::Universe,
};

/// The running application.
pub struct App {
    /// How it was started.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Clock and chance.
    pub universe: Universe,
    /// Attachments.
    pub files: Arc<dyn object_store::ObjectStore>,
    /// Flows that have been read.
    pub menus: Menus,
    /// How fast each channel may send.
    pub rates: Rates,
    /// Live updates.
    pub live: Live,
    /// What customers did, for the questions about journeys.
    pub journeys: Journeys,
    /// Whether jobs are being done.
    pub working: Pulse,
    /// The way out to where the company itself points.
    pub http: reqwest::Client,
    /// The way out to addresses that others name.
    pub outside: Outside,
    /// What is counted for a monitor.
    pub metrics: Metrics,
    /// What is asked for too often.
    pub floods: Floods,
    /// Whose turn it is to hash a password.
    pub passwords: Passwords,
    /// Becomes true when the server is told to stop: whoever runs for long ends then.
    pub stopping: watch::Sender<bool>,
}

/// The application as handlers and jobs share it.
pub type Shared = Arc<App>;

impl App {
    /// Opens the store and the files of a configuration. Blocks.
    pub fn open(config: Config, universe: Universe) -> anyhow::Result<Shared> {
        let store = Store::open(&config.store())?;
        App::new(config, universe, store)
    }

    /// Puts the application together around an open store.
    pub fn new(config: Config, universe: Universe, store: Store) -> anyhow::Result<Shared> {
        let folder = config.data.join("files");
        std::fs::create_dir_all(&folder)?;
        let files = Arc::new(LocalFileSystem::new_with_prefix(folder)?);
        let inside_too = config.demo || config.allow_private_addresses;
        Ok(Arc::new(App {
            config,
            store,
            universe,
            files,
            menus: Menus::default(),
            rates: Rates::default(),
            live: Live::default(),
            journeys: Journeys::default(),
            working: Pulse::default(),
            http: channel::http::client(),
            outside: Outside::new(inside_too),
            metrics: Metrics::default(),
            floods: Floods::default(),
            passwords: Passwords::default(),
            stopping: watch::Sender::new(false),
        }))
    }

    /// Gives the public URL without a final slash: as set by the company, else as configured, else the listen address.
    pub fn public_url(&self, settings: &Settings) -> String {
        if !settings.public_url.is_empty() {
            return settings.public_url.clone();
        }
        self.config
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.config.listen))
    }
}
