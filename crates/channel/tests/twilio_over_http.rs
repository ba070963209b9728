//! Sending over a real connection to a server that behaves in every way a provider does, the bad ones too.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{net::SocketAddr, time::Duration};

use channel::{
    MediaError, Outgoing, Provider, SendErrorKind,
    http::{Outside, client},
};
use domain::message::MessageStatus;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A server that answers every request with the same bytes and closes; gives its address and the requests it saw.
async fn server(answer: String) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (seen, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            seen.send(request(&mut stream).await).unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, requests)
}

/// Reads a request to its end.
async fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        let length = |head: &str| {
            let line = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            line.map_or(0, |length| length.parse().unwrap())
        };
        match text.split_once("\r\n\r\n") {
            Some((head, body)) if body.len() >= length(head) => return text,
            _ => assert_ne!(read, 0, "the request is cut off: {text}"),
        }
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

fn provider(base_url: &str) -> Provider {
    let config = serde_json::json!({"account_sid": "AC1", "auth_token": "secret", "base_url": base_url});
    Provider::from_config("twilio", &config).unwrap()
}

fn outgoing() -> Outgoing {
    Outgoing {
        to: "+15550100".to_owned(),
        from: "+15550001".to_owned(),
        body: "Ready & waiting".to_owned(),
        media_urls: vec!["https://desk.example/a".to_owned(), "https://desk.example/b".to_owned()],
        status_callback: Some("https://desk.example/hooks/h1".to_owned()),
        message_id: 42,
        attempt: 1,
        segments: 1,
    }
}

#[tokio::test]
async fn a_text_arrives_in_twilios_words_and_is_accepted() {
    let (address, mut requests) = server(answer("201 Created", "", r#"{"sid": "SM7", "status": "queued"}"#)).await;
    let accepted = provider(&format!("http://{address}/"))
        .send(&client(), &outgoing())
        .await
        .unwrap();
    assert_eq!(
        (accepted.provider_id.as_str(), accepted.status),
        ("SM7", MessageStatus::Sent)
    );
    let request = requests.recv().await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("authorization: Basic QUMxOnNlY3JldA=="), "{head}");
    assert_eq!(
        body,
        "To=%2B15550100&From=%2B15550001&Body=Ready+%26+waiting&MediaUrl=https%3A%2F%2Fdesk.example%2Fa\
         &MediaUrl=https%3A%2F%2Fdesk.example%2Fb&StatusCallback=https%3A%2F%2Fdesk.example%2Fhooks%2Fh1%3Fmessage%3D42%26attempt%3D1"
    );
}

/// An answer's status, headers and body; the error it means, the seconds to wait, the provider's code.
type Answer = (
    &'static str,
    &'static str,
    &'static str,
    SendErrorKind,
    Option<u64>,
    Option<&'static str>,
);

const ANSWERS: &[Answer] = {
    use SendErrorKind::*;
    &[
        (
            "400 Bad Request",
            "",
            r#"{"code": 21610, "message": "Attempt to send to unsubscribed recipient"}"#,
            OptedOut,
            None,
            Some("21610"),
        ),
        (
            "400 Bad Request",
            "",
            r#"{"code": 21211, "message": "Invalid 'To'"}"#,
            BadNumber,
            None,
            Some("21211"),
        ),
        (
            "400 Bad Request",
            "",
            r#"{"code": 29999, "message": "New trouble"}"#,
            Rejected,
            None,
            Some("29999"),
        ),
        (
            "429 Too Many Requests",
            "Retry-After: 7\r\n",
            r#"{"code": 20429}"#,
            Throttled,
            Some(7),
            Some("20429"),
        ),
        ("429 Too Many Requests", "", "busy", Throttled, None, None),
        (
            "401 Unauthorized",
            "",
            r#"{"code": 20003}"#,
            AuthFailed,
            None,
            Some("20003"),
        ),
        ("404 Not Found", "", "<html>", Rejected, None, None),
        (
            "307 Temporary Redirect",
            "Location: http://127.0.0.1:9/\r\n",
            "",
            Rejected,
            None,
            None,
        ),
        (
            "503 Service Unavailable",
            "Retry-After: 30\r\n",
            "",
            ProviderDown,
            Some(30),
            None,
        ),
        ("503 Service Unavailable", "", "", Unknown, None, None),
        (
            "500 Internal Server Error",
            "",
            r#"{"code": 20500}"#,
            Unknown,
            None,
            Some("20500"),
        ),
        ("502 Bad Gateway", "", "<html>", Unknown, None, None),
        (
            "504 Gateway Timeout",
            "Retry-After: 1\r\n",
            r#"{"code": 20429}"#,
            Unknown,
            Some(1),
            Some("20429"),
        ),
        ("201 Created", "", "{}", Unknown, None, None),
        ("201 Created", "", "not json", Unknown, None, None),
    ]
};

#[tokio::test]
async fn every_answer_has_its_error() {
    for &(status, headers, body, kind, wait, code) in ANSWERS {
        let (address, mut requests) = server(answer(status, headers, body)).await;
        let error = provider(&format!("http://{address}"))
            .send(&client(), &outgoing())
            .await
            .unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}");
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{status} {body}");
        assert_eq!(error.provider_code.as_deref(), code, "{status} {body}");
        assert!(!error.text.is_empty());
        requests.recv().await.unwrap();
        assert!(requests.try_recv().is_err(), "{status}: asked more than once");
    }
}

#[tokio::test]
async fn a_broken_connection_leaves_open_whether_the_text_was_taken() {
    let half = "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"sid\": \"SM7\"";
    for bytes in ["", "HTTP/1.1 20", half] {
        let (address, mut requests) = server(bytes.to_owned()).await;
        let error = provider(&format!("http://{address}"))
            .send(&client(), &outgoing())
            .await
            .unwrap_err();
        assert_eq!(error.kind, SendErrorKind::Unknown, "after {bytes:?}");
        assert!(!error.is_retryable());
        requests.recv().await.unwrap();
        assert!(requests.try_recv().is_err(), "asked more than once after {bytes:?}");
    }
}

#[tokio::test]
async fn a_provider_that_never_answers_may_have_taken_the_text() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = provider(&format!("http://{}", listener.local_addr().unwrap()));
    let outgoing = outgoing();
    let mute = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        // From here the clock runs by itself to whatever is waited for next: the time limit.
        tokio::time::pause();
        stream
    };
    let client = client();
    let (result, _stream) = tokio::join!(provider.send(&client, &outgoing), mute);
    assert_eq!(result.unwrap_err().kind, SendErrorKind::Unknown);
}

#[tokio::test]
async fn nothing_was_sent_where_nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    for base in [format!("http://{closed}"), "http://nowhere.invalid".to_owned()] {
        let error = provider(&base).send(&client(), &outgoing()).await.unwrap_err();
        assert_eq!(error.kind, SendErrorKind::Unreachable, "{base}");
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn an_attachment_comes_from_the_providers_store() {
    let (store, mut at_store) = server(answer("200 OK", "", "picture")).await;
    let (api, mut at_api) = server(answer("307 Moved", &format!("Location: http://{store}/p\r\n"), "")).await;
    let provider = provider(&format!("http://{api}"));
    let url = format!("http://{api}/media/ME1");
    let anywhere = Outside::new(true);
    let fetched = provider.fetch_media(&client(), &anywhere, &url, 100).await.unwrap();
    assert_eq!(fetched.bytes, b"picture");
    assert_eq!(fetched.content_type.as_deref(), Some("application/json"));
    assert!(at_api.recv().await.unwrap().contains("authorization: Basic"));
    assert!(
        !at_store.recv().await.unwrap().contains("authorization"),
        "the secret stays with the API"
    );
    assert_eq!(
        provider.fetch_media(&client(), &anywhere, &url, 3).await,
        Err(MediaError::TooLarge)
    );
    assert_eq!(
        provider
            .fetch_media(&client(), &anywhere, &format!("http://{store}/p"), 100)
            .await,
        Err(MediaError::Elsewhere)
    );
    while at_store.try_recv().is_ok() {}
    assert_eq!(
        provider.fetch_media(&client(), &Outside::new(false), &url, 100).await,
        Err(MediaError::Elsewhere),
        "the API cannot send us to a machine beside this one"
    );
    assert!(at_store.try_recv().is_err());
}
