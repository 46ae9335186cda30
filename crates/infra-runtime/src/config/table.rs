//! The one table of settings: layers, messages, `--print-config` and the reference follow it.
//!
//! A new setting is a field of `Config` or of a part of it, a line here, and `UPDATE_DOCS=1`.

use super::mail::default_sender;
use super::setting::Setting;

/// All settings in the order in which they are read and shown.
pub(super) fn settings() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|(_, settings)| settings.iter())
}

/// The setting with this key.
pub(super) fn find(key: &str) -> Option<&'static Setting> {
    settings().find(|setting| setting.key == key)
}

const YEAR: u64 = 31_536_000;

/// A title and the settings below it. A derived default may look at what stands above it.
pub(super) static GROUPS: &[(&str, &[Setting])] = &[
    ("Server", SERVER),
    ("Database", DATABASE),
    ("Background jobs", JOBS),
    ("Log", LOG),
    ("HTTPS and browsers", BROWSERS),
    ("Sign-in", SIGN_IN),
    ("Throttling", THROTTLING),
    ("Mail", MAIL),
    ("Files", FILES),
    ("Other services", SERVICES),
];

const SERVER: &[Setting] = &[
    Setting::new("listen", |c| &mut c.listen)
        .default("127.0.0.1:8000")
        .help("Address and port to listen on; port 0 takes any free one."),
    Setting::new("public_url", |c| &mut c.public_url)
        .help("Where people reach the server: scheme, host and port, without a path.")
        .derived("`http://<listen>`", |c| format!("http://{}", c.listen)),
    Setting::new("debug", |c| &mut c.debug)
        .help("For development; the https settings below are off unless given.")
        .derived("true if `listen` and `public_url` are loopback", |c| {
            (c.listen.ip().is_loopback() && c.public_url.is_loopback()).to_string()
        })
        .old(&["DJANGO_DEBUG"]),
    Setting::new("workers", |c| &mut c.workers)
        .default("0")
        .help("HTTP worker threads; 0 is one per core.")
        .between(0, 1024),
    Setting::new("data_dir", |c| &mut c.data_dir)
        .default("./data")
        .help("Directory for the SQLite database and uploaded files."),
    Setting::new("request_timeout_seconds", |c| &mut c.request_timeout)
        .default("30")
        .help("How long a whole request may take.")
        .between(1, 3600),
    Setting::new("shutdown_timeout_seconds", |c| &mut c.shutdown_timeout)
        .default("30")
        .help("How long running requests and jobs may go on after the signal to stop.")
        .between(0, 3600),
    Setting::new("json_body_limit", |c| &mut c.json_body_limit)
        .default("1048576")
        .help("Largest JSON body, in bytes.")
        .between(1024, 1 << 30),
    Setting::new("sheet_reader", |c| &mut c.sheet_reader).help(
        "Program that reads spreadsheets, called as `PROGRAM read-sheet csv` (or `xlsx`): one that \
         confines the server's own further, which is what nothing means.",
    ),
    Setting::new("allowed_hosts", |c| &mut c.allowed_hosts)
        .help("Host names to answer to; `.example.com` with all below it, `*` or nothing is any.")
        .old(&["DJANGO_ALLOWED_HOSTS"]),
    Setting::new("trusted_proxies", |c| &mut c.trusted_proxies).help(
        "Addresses and networks of proxies whose `X-Forwarded-For` and `-Proto` are believed.",
    ),
];

const DATABASE: &[Setting] = &[
    Setting::new("database_url", |c| &mut c.database.url)
        .help("`sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`.")
        .derived("`sqlite:<data_dir>/simplycrm.db`", |c| {
            format!("sqlite:{}", c.data_dir.join("simplycrm.db").display())
        })
        .secret(),
    Setting::new("database_owner_url", |c| &mut c.database.owner_url)
        .help("The Postgres role that owns the tables; used by migrations only.")
        .secret(),
    Setting::new("database_ca_file", |c| &mut c.database.ca_file)
        .help("PEM file with the roots to trust for Postgres over TLS."),
    Setting::new("database_connections", |c| &mut c.database.connections)
        .default("16")
        .help("Most connections to keep open.")
        .between(1, 500),
];

const JOBS: &[Setting] = &[
    Setting::new("jobs_in_server", |c| &mut c.jobs.in_server)
        .default("4")
        .help("Jobs that the server does at a time; 0 leaves them to `crm-server worker`.")
        .between(0, 100),
    Setting::new("jobs_in_worker", |c| &mut c.jobs.in_worker)
        .default("8")
        .help("Jobs that `crm-server worker` does at a time.")
        .between(1, 100),
    Setting::new("job_lease_seconds", |c| &mut c.jobs.lease)
        .default("15")
        .help("How long a job is held without a sign of life; then another worker takes it.")
        .between(1, 3600),
    Setting::new("job_heartbeat_seconds", |c| &mut c.jobs.heartbeat)
        .help("How often a running job gives a sign of life; at most half of the lease counts.")
        .derived("a third of `job_lease_seconds`", |c| {
            (c.jobs.lease.as_secs() / 3).max(1).to_string()
        })
        .between(1, 3600),
];

const LOG: &[Setting] = &[
    Setting::new("log_format", |c| &mut c.log.format)
        .default("auto")
        .help("`pretty` for people, `json` for machines; `auto` is pretty on a terminal."),
    Setting::new("log_level", |c| &mut c.log.level)
        .default("info,actix_server=warn")
        .help("A level, or a filter such as `info,crm_server=debug`."),
];

const BROWSERS: &[Setting] = &[
    Setting::new("ssl_redirect", |c| &mut c.https.redirect)
        .help("Send http requests to https.")
        .derived("true unless `debug`", |c| (!c.debug).to_string())
        .old(&["DJANGO_SECURE_SSL_REDIRECT"]),
    Setting::new("hsts_seconds", |c| &mut c.https.hsts_seconds)
        .help("How long browsers shall insist on https; 0 is off.")
        .derived("`31536000`, or `0` with `debug`", |c| if c.debug { 0 } else { YEAR }.to_string())
        .between(0, 10 * YEAR)
        .old(&["DJANGO_SECURE_HSTS_SECONDS"]),
    Setting::new("hsts_include_subdomains", |c| &mut c.https.hsts_include_subdomains)
        .help("Let that hold for all names below the host's.")
        .derived("true unless `debug`", |c| (!c.debug).to_string())
        .old(&["DJANGO_SECURE_HSTS_INCLUDE_SUBDOMAINS"]),
    Setting::new("hsts_preload", |c| &mut c.https.hsts_preload)
        .help("Allow browsers to ship the host in their lists.")
        .derived("true unless `debug`", |c| (!c.debug).to_string())
        .old(&["DJANGO_SECURE_HSTS_PRELOAD"]),
    Setting::new("csrf_trusted_origins", |c| &mut c.csrf.trusted_origins)
        .help("Further origins that may send unsafe requests with a cookie.")
        .old(&["DJANGO_CSRF_TRUSTED_ORIGINS"]),
    Setting::new("csrf_cookie_samesite", |c| &mut c.csrf.cookie_samesite)
        .default("Lax")
        .help("`SameSite` of the cookie `csrftoken`: `Lax`, `Strict` or `None`.")
        .old(&["DJANGO_CSRF_COOKIE_SAMESITE"]),
    Setting::new("cors_allowed_origins", |c| &mut c.cors_allowed_origins)
        .help("Origins whose scripts may call the API; nothing is CORS off."),
    Setting::new("default_theme", |c| &mut c.default_theme)
        .default("default")
        .help("Theme of the control panel for people who chose none.")
        .old(&["DJANGO_JET_DEFAULT_THEME"])
        .later(),
];

const SIGN_IN: &[Setting] = &[
    Setting::new("login_max_attempts", |c| &mut c.login.max_attempts)
        .default("5")
        .help("Failed sign-ins after which a name is locked at an address.")
        .between(1, 1_000_000)
        .old(&["DJANGO_LOGIN_MAX_ATTEMPTS"]),
    Setting::new("login_attempt_window_seconds", |c| &mut c.login.attempt_window)
        .default("900")
        .help("How long a failed sign-in counts.")
        .between(1, YEAR)
        .old(&["DJANGO_LOGIN_ATTEMPT_WINDOW"]),
    Setting::new("login_lockout_seconds", |c| &mut c.login.lockout)
        .default("900")
        .help("How long the lock lasts.")
        .between(1, YEAR)
        .old(&["DJANGO_LOGIN_LOCKOUT_SECONDS"]),
    Setting::new("session_idle_seconds", |c| &mut c.sessions.idle)
        .default("1209600")
        .help("How long a browser stays signed in without being used; at least ten minutes.")
        .between(600, YEAR),
    Setting::new("session_absolute_seconds", |c| &mut c.sessions.absolute)
        .default("7776000")
        .help("How long a browser stays signed in at most.")
        .between(600, YEAR),
    Setting::new("secret_key", |c| &mut c.secret_key)
        .help(
            "Seals the secrets of second factors: a long random text, the same on all servers. \
             Without it, one is made in `<data_dir>/secret.key`.",
        )
        .secret(),
    Setting::new("staff_second_factor", |c| &mut c.staff_second_factor)
        .default("false")
        .help("The platform's staff must have a second factor."),
    Setting::new("google_oauth_client_ids", |c| &mut c.google.client_ids)
        .help("Client ids whose Google ID tokens are accepted; nothing is Google sign-in off.")
        .old(&["GOOGLE_OAUTH_CLIENT_IDS", "GOOGLE_OAUTH_CLIENT_ID"]),
    Setting::new("google_oauth_allowed_domains", |c| &mut c.google.allowed_domains)
        .help("Google Workspace domains that may sign in; nothing is any.")
        .old(&["GOOGLE_OAUTH_ALLOWED_DOMAINS"]),
    Setting::new("google_issuer", |c| &mut c.google.issuer)
        .default("https://accounts.google.com")
        .help("Who signs Google's ID tokens; another address is for tests and proxies."),
    Setting::new("oidc_providers", |c| &mut c.oidc.providers).help(
        "OpenID Connect providers: a table `[oidc_providers.NAME]` for each (see \
         [operations](operations.md#signing-in-with-other-services)), in the environment as JSON.",
    ),
    Setting::new("oidc_client_secrets", |c| &mut c.oidc.client_secrets)
        .help("Their client secrets, `NAME=SECRET`.")
        .secret(),
    Setting::new("oidc_ca_file", |c| &mut c.oidc.ca_file)
        .help("PEM file with further roots to trust when they are reached over https."),
    Setting::new("oidc_next_origins", |c| &mut c.oidc.next_origins)
        .help("Origins beside `public_url` that a sign-in may lead to in the end (`next`)."),
];

const THROTTLING: &[Setting] = &[
    Setting::new("throttle", |c| &mut c.throttle)
        .default("true")
        .help("Limit how often one may call; false switches all rates off, the lockout not."),
    Setting::new("login_rate", |c| &mut c.rates.login)
        .default("10/min")
        .help("Sign-ins per name and address.")
        .old(&["DJANGO_REST_LOGIN_RATE"]),
    Setting::new("anon_rate", |c| &mut c.rates.anon)
        .default("30/min")
        .help("Calls per address, signed out.")
        .old(&["DJANGO_REST_ANON_RATE"]),
    Setting::new("user_rate", |c| &mut c.rates.user)
        .default("120/min")
        .help("Calls per person, signed in.")
        .old(&["DJANGO_REST_USER_RATE"]),
    Setting::new("registration_rate", |c| &mut c.rates.registration)
        .default("5/hour")
        .help("Registrations per address.")
        .old(&["DJANGO_REST_REGISTRATION_RATE"]),
    Setting::new("burst_window_seconds", |c| &mut c.burst.window)
        .default("10")
        .help("How long a call counts towards a burst.")
        .between(1, 86_400)
        .old(&["DDOS_SHIELD_WINDOW_SECONDS"]),
    Setting::new("burst_limit", |c| &mut c.burst.limit)
        .default("60")
        .help("Calls per address in that time; 0 is no limit.")
        .between(0, 1_000_000)
        .old(&["DDOS_SHIELD_BURST_LIMIT"]),
    Setting::new("burst_penalty_seconds", |c| &mut c.burst.penalty)
        .default("60")
        .help("How long an address that sent more is refused.")
        .between(1, 86_400)
        .old(&["DDOS_SHIELD_PENALTY_SECONDS"]),
];

const MAIL: &[Setting] = &[
    Setting::new("smtp_url", |c| &mut c.mail.smtp_url)
        .help(
            "Mail server: `smtp://USER:PASSWORD@HOST:PORT` (STARTTLS; on loopback no encryption \
             unless `?tls=required`) or `smtps://…` (TLS). Nothing is development: mail is written \
             into `<data_dir>/mail`.",
        )
        .secret(),
    Setting::new("mail_from", |c| &mut c.mail.from)
        .help("Who mail comes from: an address, with a name or without.")
        .derived("`SimplyCRM <no-reply@HOST>`, the host of `public_url`", default_sender),
    Setting::new("smtp_ca_file", |c| &mut c.mail.ca_file)
        .help("PEM file with the roots to trust for the mail server instead of the public ones."),
    Setting::new("smtp_timeout_seconds", |c| &mut c.mail.timeout)
        .default("20")
        .help("How long the mail server may take over an answer.")
        .between(1, 600),
];

const FILES: &[Setting] = &[
    Setting::new("files_url", |c| &mut c.files.url)
        .help(
            "Store of pictures and attachments that speaks S3: `s3://KEY:SECRET@HOST/BUCKET`, with \
             `?region=REGION` where it has regions; over TLS, on loopback without. Nothing is the \
             folder `<data_dir>/files`, which several servers must share.",
        )
        .secret(),
    Setting::new("files_ca_file", |c| &mut c.files.ca_file)
        .help("PEM file with further roots to trust for that store."),
    Setting::new("upload_limit", |c| &mut c.files.limit)
        .default("20971520")
        .help("Largest file that is taken, in bytes.")
        .between(1024, 1 << 30),
];

const SERVICES: &[Setting] = &[
    Setting::new("redis_url", |c| &mut c.redis_url)
        .help("Redis in which several servers count together, `redis://` or `rediss://`.")
        .old(&["CELERY_BROKER_URL"])
        .secret(),
    Setting::new("openai_api_key", |c| &mut c.openai_api_key)
        .help("Key for the language model of the assistant.")
        .old(&["OPENAI_API_KEY"])
        .secret()
        .later(),
];
