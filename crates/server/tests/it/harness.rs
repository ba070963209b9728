//! A desk for one test: the real application with a clock that stands still, an empty database and a port of its own.
//!
//! ```ignore
//! on_each_database(async |desk| {
//!     let agent = desk.sign_in_as(Role::Agent).await;
//!     let team = agent.post("/api/teams", json!({"name": "Rooms"})).await;
//!     team.refused(403, "forbidden");
//!     snapshot("what the agent sees", &agent.get("/api/teams").await.expect(200));
//! })
//! .await;
//! ```

use std::{collections::BTreeSet, sync::LazyLock};

use domain::{Time, UserId, event::Happening, people::Role};
use rapport::{
    app::{App, Shared},
    config::Config,
    http::caller,
    serve,
    universe::Universe,
};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use store::{
    Place, events,
    people::{sign_ins, tokens, users},
    testing::{TestStore, each_database},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Where the world is told to reach the desk of a test.
pub const PUBLIC_URL: &str = "https://desk.example.com";

/// A running desk.
pub struct Desk {
    /// The application itself, to look behind the scenes.
    pub app: Shared,
    /// Where it listens, such as `http://127.0.0.1:4711`.
    pub url: String,
    client: reqwest::Client,
    serving: JoinHandle<()>,
    _files: tempfile::TempDir,
    test: TestStore,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.app.stopping.send_replace(true);
        self.serving.abort();
    }
}

/// Runs a test once on each database that can be had here. The world that its desk calls is on this machine.
pub async fn on_each_database(test: impl AsyncFn(&Desk)) {
    on_each(|_| {}, test).await;
}

/// The same for a desk that is a demo: it is reached where it listens, and the simulated world around it is there.
pub async fn on_each_demo(test: impl AsyncFn(&Desk)) {
    let demo = |config: &mut Config| {
        config.demo = true;
        config.public_url = None;
    };
    on_each(demo, test).await;
}

/// The same for a desk that is configured in another way.
pub async fn on_each(configure: impl Fn(&mut Config), test: impl AsyncFn(&Desk)) {
    for store in each_database() {
        println!("on {:?}", store.dialect());
        test(&Desk::open(store, &configure).await).await;
    }
}

/// Holds an answer against the one on file; `name` is the same for both databases.
pub fn snapshot(name: &str, answer: &Value) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_sort_maps(true);
    settings.bind(|| insta::assert_json_snapshot!(name.replace(' ', "_"), answer));
}

impl Desk {
    async fn open(test: TestStore, configure: impl Fn(&mut Config)) -> Desk {
        let files = tempfile::tempdir().expect("a temporary folder can be made");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let listen = listener.local_addr().expect("the listener has an address");
        let mut config = Config {
            data: files.path().to_owned(),
            listen,
            database: match &test.options.place {
                Place::Postgres(url) => Some(url.clone()),
                Place::Folder(_) => None,
            },
            public_url: Some(PUBLIC_URL.to_owned()),
            trusted_proxies: Vec::new(),
            allow_private_addresses: true,
            message_ids_days: rapport::config::MESSAGE_IDS_DAYS,
            journey_memory_mb: 64,
            demo: false,
        };
        configure(&mut config);
        let now: Time = "2026-03-04T10:00:00Z".parse().expect("it is a time");
        let app = App::new(config, Universe::fixed(now), test.store.clone()).expect("the application starts");
        let serving = {
            let app = app.clone();
            tokio::spawn(async move { serve::answer(listener, app).await.expect("it can serve") })
        };
        Desk {
            app,
            url: format!("http://{listen}"),
            client: channel::http::client(),
            serving,
            _files: files,
            test,
        }
    }

    /// Says where the data lies.
    pub fn place(&self) -> &Place {
        &self.test.options.place
    }

    /// Gives everything that has happened, oldest first.
    pub async fn events(&self) -> Vec<Happening> {
        let all = self
            .app
            .store
            .read(|tx| events::of_kinds(tx, &[], Time(0), Time(i64::MAX)))
            .await;
        let all = all.expect("the events can be read");
        all.into_iter().map(|recorded| recorded.happening).collect()
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: i64) {
        self.app.universe.advance(seconds);
    }

    /// Gives a caller whom the desk does not know.
    pub fn nobody(&self) -> Caller {
        Caller {
            id: UserId(0),
            url: self.url.clone(),
            client: self.client.clone(),
            cookie: None,
            bearer: None,
            is_our_page: true,
        }
    }

    /// Gives a program with a token.
    pub fn program(&self, token: &str) -> Caller {
        Caller {
            bearer: Some(token.to_owned()),
            ..self.nobody()
        }
    }

    /// Gives one who may hold the simulated phone.
    pub async fn phone(&self) -> Caller {
        let (token, now) = ("the phone", self.app.universe.now());
        let write = move |tx: &mut store::Tx| {
            let new = tokens::NewToken {
                name: token.to_owned(),
                role: Role::Agent,
                hash: caller::hash(token),
                by: None,
            };
            match tokens::by_hash(tx, &new.hash)? {
                Some(_) => Ok::<_, store::Error>(()),
                None => tokens::insert(tx, &new, now).map(drop),
            }
        };
        self.app.store.write(write).await.expect("the phone is there");
        self.program(token)
    }

    /// Signs someone with this role in, in a browser of their own: Olive the owner, Mara the manager, Ada the agent, Vic the viewer.
    pub async fn sign_in_as(&self, role: Role) -> Caller {
        let name = match role {
            Role::Owner => "Olive",
            Role::Manager => "Mara",
            Role::Agent => "Ada",
            Role::Viewer => "Vic",
        };
        self.sign_in(name, role).await
    }

    /// Signs someone in, in a browser of their own; who does not work here yet begins now.
    pub async fn sign_in(&self, name: &str, role: Role) -> Caller {
        let cookie = self.app.universe.token();
        let (hash, now) = (caller::hash(&cookie), self.app.universe.now());
        let user = users::NewUser {
            email: format!("{}@example.com", name.to_lowercase()),
            name: name.to_owned(),
            role,
            // No password has this hash: such a user cannot come in by the door.
            password_hash: String::new(),
            locale: "en".to_owned(),
        };
        let id = self.app.store.write(move |tx| {
            let id = match users::insert(tx, &user, now)? {
                Some(id) => id,
                None => tx
                    .query_one("SELECT id FROM users WHERE email = ?1", store::params![&user.email])?
                    .get(0)?,
            };
            let sign_in = sign_ins::NewSignIn {
                user: id,
                hash: hash.clone(),
                device: "Firefox on Linux".to_owned(),
                expires_at: now.plus_seconds(caller::SIGN_IN_SECONDS),
            };
            sign_ins::insert(tx, &sign_in, now)?;
            Ok::<UserId, store::Error>(id)
        });
        Caller {
            id: id.await.expect("the user signs in"),
            cookie: Some(cookie),
            ..self.nobody()
        }
    }
}

/// Someone who calls the desk.
#[derive(Clone)]
pub struct Caller {
    /// The user; 0 for nobody and for programs.
    pub id: UserId,
    url: String,
    client: reqwest::Client,
    /// The session cookie.
    pub cookie: Option<String>,
    bearer: Option<String>,
    is_our_page: bool,
}

impl Caller {
    /// Gives the same caller lured to another site's page: the cookie is sent, the header is not.
    pub fn lured(&self) -> Caller {
        Caller {
            is_our_page: false,
            ..self.clone()
        }
    }

    /// Begins a request that is more than JSON.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if self.is_our_page {
            request = request.header("x-rapport", "1");
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("{}={cookie}", caller::COOKIE));
        }
        match &self.bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Asks for something.
    pub async fn get(&self, path: &str) -> Reply {
        Reply::to(self.request(Method::GET, path)).await
    }

    /// Makes something.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        Reply::to(self.request(Method::POST, path).json(&body)).await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        Reply::to(self.request(Method::PATCH, path).json(&body)).await
    }

    /// Sets something.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        Reply::to(self.request(Method::PUT, path).json(&body)).await
    }

    /// Takes something away.
    pub async fn delete(&self, path: &str) -> Reply {
        Reply::to(self.request(Method::DELETE, path)).await
    }
}

/// The members that a refusal may have by the API's description.
static DESCRIBED: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let description = rapport::api::description::complete(&rapport::api::router().into_openapi());
    let members = description["components"]["schemas"]["Refusal"]["properties"].as_object();
    members.expect("refusals are described").keys().cloned().collect()
});

/// What the desk answered.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body: JSON where it is, else text; null when there is none.
    pub body: Value,
}

impl Reply {
    /// Sends a request and reads the whole answer.
    pub async fn to(request: RequestBuilder) -> Reply {
        let response = request.send().await.expect("the desk answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the answer is text");
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        };
        Reply { status, headers, body }
    }

    /// Gives the body of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    /// Gives the problem document of an answer that must be this refusal.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status, self.body["code"].as_str()),
            (status, Some(code)),
            "{:#}",
            self.body
        );
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let members = self.body.as_object().expect("it is an object");
        let undescribed = members.keys().find(|member| !DESCRIBED.contains(*member));
        assert_eq!(undescribed, None, "the API's description does not tell of it");
        self.body
    }

    /// Gives the session cookie that the answer sets.
    pub fn cookie(&self) -> Option<String> {
        let set = self.headers.get("set-cookie")?.to_str().ok()?;
        let (name, value) = set.split(';').next()?.split_once('=')?;
        (name == caller::COOKIE && !value.is_empty()).then(|| value.to_owned())
    }
}
