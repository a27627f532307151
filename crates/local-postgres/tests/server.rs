//! The supervisor against the real server: it starts, recovers, refuses and cleans up.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use daybook_local_postgres::{LocalPostgres, LocalPostgresError, Settings, Status};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

const DATABASE: &str = "bookings";
/// Tells a copy of this program which data directory to supervise.
const SUPERVISED: &str = "DAYBOOK_TEST_SUPERVISED";

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory can be created")
}

fn settings(directory: &TempDir) -> Settings {
    let mut settings = Settings::new(directory.path().join("data"));
    settings.parameters.push(("shared_buffers".to_owned(), "16MB".to_owned()));
    settings
}

async fn start(directory: &TempDir) -> LocalPostgres {
    let server = LocalPostgres::start(settings(directory)).await.expect("the server starts");
    server.create_database(DATABASE).await.expect("a database can be created");
    server
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.expect("the server accepts connections")
}

async fn write(server: &LocalPostgres, value: i32) {
    let mut connection = connect(&server.url(DATABASE)).await;
    for statement in [
        "CREATE TABLE IF NOT EXISTS kept (value int)".to_owned(),
        format!("INSERT INTO kept VALUES ({value})"),
    ] {
        sqlx::query(&statement).execute(&mut connection).await.expect("the write succeeds");
    }
}

async fn read(server: &LocalPostgres) -> Vec<i32> {
    let mut connection = connect(&server.url(DATABASE)).await;
    sqlx::query_scalar("SELECT value FROM kept ORDER BY value")
        .fetch_all(&mut connection)
        .await
        .expect("the table can be read")
}

async fn show(url: &str, parameter: &str) -> String {
    let mut connection = connect(url).await;
    sqlx::query_scalar(&format!("SHOW {parameter}"))
        .fetch_one(&mut connection)
        .await
        .expect("the parameter exists")
}

fn pid(server: &LocalPostgres) -> Pid {
    let pid = server.pid().and_then(|pid| i32::try_from(pid).ok());
    pid.and_then(Pid::from_raw).expect("the server is running")
}

/// Where the cluster is: below the data directory, or where the server put it and said so.
fn cluster(directory: &TempDir) -> std::path::PathBuf {
    let data = directory.path().join("data");
    fs::read_to_string(data.join("postgres.location"))
        .map_or_else(|_| data.join("postgres"), |elsewhere| elsewhere.trim().into())
}

async fn wait_for_restart(server: &LocalPostgres, wanted: u64) {
    let mut status = server.status();
    let restarted = status
        .wait_for(|status| matches!(status, Status::Ready { restarts, .. } if *restarts == wanted));
    tokio::time::timeout(Duration::from_secs(30), restarted)
        .await
        .expect("the server is back in time")
        .expect("the supervisor lives");
}

#[tokio::test]
async fn a_fresh_server_takes_connections_over_tcp_and_over_the_socket() {
    let directory = directory();
    let server = start(&directory).await;
    for url in [server.url(DATABASE), server.socket_url(DATABASE)] {
        assert_eq!(show(&url, "server_encoding").await, "UTF8");
        assert_eq!(show(&url, "fsync").await, "on");
        assert_eq!(show(&url, "shared_buffers").await, "16MB");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn nobody_gets_in_without_the_password() {
    let directory = directory();
    let server = start(&directory).await;
    for url in [server.url(DATABASE), server.socket_url(DATABASE)] {
        let (before, after) = url.split_once("daybook:").unwrap();
        let (_, after) = after.split_once('@').unwrap();
        let guess = format!("{before}daybook:guess@{after}");
        let refused = PgConnection::connect(&guess).await.unwrap_err();
        let code = refused.as_database_error().and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("28P01"), "{refused}");
    }
    let secret = fs::metadata(directory.path().join("data/postgres.password")).unwrap();
    assert_eq!(secret.mode() & 0o777, 0o600);
}

#[tokio::test]
async fn creating_a_database_twice_is_harmless_and_odd_names_are_refused() {
    let directory = directory();
    let server = start(&directory).await;
    let (first, second) =
        tokio::join!(server.create_database("twin"), server.create_database("twin"));
    first.unwrap();
    second.unwrap();
    let odd = server.create_database("x\"; DROP DATABASE twin; --").await.unwrap_err();
    assert!(matches!(odd, LocalPostgresError::InvalidName(_)), "{odd}");
}

#[tokio::test]
async fn a_restart_keeps_the_data_and_the_url() {
    let directory = directory();
    let server = start(&directory).await;
    write(&server, 1).await;
    let (url, process) = (server.url(DATABASE), pid(&server));
    server.stop().await.unwrap();
    assert!(test_kill_process(process).is_err(), "the stopped server is gone and reaped");

    let server = start(&directory).await;
    assert_eq!(read(&server).await, [1]);
    assert_eq!(server.url(DATABASE), url);
}

#[tokio::test]
async fn dropping_the_handle_stops_the_server() {
    let directory = directory();
    let server = start(&directory).await;
    let process = pid(&server);
    drop(server);
    assert!(test_kill_process(process).is_err());
}

#[tokio::test]
async fn a_killed_server_comes_back_at_the_same_address_with_all_data() {
    let directory = directory();
    let mut server = start(&directory).await;
    let url = server.url(DATABASE);
    for round in 1..=3 {
        write(&server, round).await;
        kill_process(pid(&server), Signal::KILL).unwrap();
        server.exited().await;
        wait_for_restart(&server, u64::try_from(round).unwrap()).await;
        assert_eq!(server.url(DATABASE), url);
        assert_eq!(read(&server).await, (1..=round).collect::<Vec<_>>());
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_killed_can_still_be_stopped() {
    let directory = directory();
    let mut server = start(&directory).await;
    kill_process(pid(&server), Signal::KILL).unwrap();
    server.exited().await;
    server.stop().await.unwrap();
    let status = fs::read_to_string(cluster(&directory).join("postmaster.pid"));
    let recorded = status.ok().and_then(|content| content.lines().next()?.parse().ok());
    let alive = recorded.and_then(Pid::from_raw).is_some_and(|pid| test_kill_process(pid).is_ok());
    assert!(!alive);
}

#[tokio::test]
async fn a_lock_file_that_names_a_stranger_is_no_obstacle() {
    let directory = directory();
    let server = start(&directory).await;
    write(&server, 1).await;
    let lock = cluster(&directory).join("postmaster.pid");
    let content = fs::read_to_string(&lock).unwrap();
    server.stop().await.unwrap();
    // As after a crash of the machine: the id in the file belongs to some other process by now.
    // It must not be an ancestor of the server, which PostgreSQL would see through by itself.
    let mut stranger = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    let rest = content.split_once('\n').unwrap().1;
    fs::write(&lock, format!("{}\n{rest}", stranger.id())).unwrap();

    let server = start(&directory).await;
    assert_eq!(read(&server).await, [1]);
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger is left alone");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn a_server_that_outlived_its_supervisor_is_ended_before_the_next_start() {
    let directory = directory();
    let server = start(&directory).await;
    write(&server, 1).await;
    server.stop().await.unwrap();
    let orphan = Orphan::start(&cluster(&directory));

    let server = start(&directory).await;
    assert_eq!(read(&server).await, [1]);
    assert!(orphan.is_gone(), "the orphan was shut down");
}

#[tokio::test]
#[ignore = "not a test: the process that the next test kills"]
async fn supervise_until_killed() {
    let data = std::env::var_os(SUPERVISED).expect("the next test names the directory");
    let server = LocalPostgres::start(Settings::new(&data)).await.unwrap();
    server.create_database(DATABASE).await.unwrap();
    write(&server, 1).await;
    fs::write(Path::new(&data).join("ready"), pid(&server).to_string()).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_killed_supervisor_takes_its_server_with_it() {
    let directory = directory();
    let data = directory.path().join("data");
    let mut supervisor = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "supervise_until_killed", "--ignored"])
        .env(SUPERVISED, &data)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let orphan = loop {
        if let Some(pid) =
            fs::read_to_string(data.join("ready")).ok().and_then(|pid| pid.parse().ok())
        {
            break Orphan(Pid::from_raw(pid).unwrap());
        }
        assert!(supervisor.try_wait().unwrap().is_none(), "the supervisor runs");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert!(!orphan.is_gone());
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();

    let server = start(&directory).await;
    assert!(orphan.is_gone());
    assert_eq!(read(&server).await, [1]);
}

#[tokio::test]
async fn a_second_start_on_the_same_directory_is_refused() {
    let directory = directory();
    let server = start(&directory).await;
    let error = LocalPostgres::start(settings(&directory)).await.unwrap_err();
    assert!(matches!(error, LocalPostgresError::InUse { .. }), "{error}");
    let us = format!("process {}", std::process::id());
    assert!(error.to_string().contains(&us), "{error}");
    write(&server, 1).await;
}

#[tokio::test]
async fn a_cluster_of_another_version_is_refused_with_both_versions() {
    let directory = directory();
    let server = start(&directory).await;
    server.stop().await.unwrap();
    let version = cluster(&directory).join("PG_VERSION");
    let installed = fs::read_to_string(&version).unwrap().trim().to_owned();
    fs::write(&version, "9\n").unwrap();

    let message = LocalPostgres::start(settings(&directory)).await.unwrap_err().to_string();
    assert!(message.contains("created by PostgreSQL 9"), "{message}");
    assert!(message.contains(&format!("installed version is {installed}")), "{message}");
}

#[tokio::test]
async fn a_start_that_fails_says_what_the_server_said() {
    let directory = directory();
    let mut settings = settings(&directory);
    settings.parameters.push(("work_mem".to_owned(), "plenty".to_owned()));
    let message = LocalPostgres::start(settings).await.unwrap_err().to_string();
    assert!(message.contains("work_mem"), "{message}");
}

#[tokio::test]
async fn root_runs_the_server_as_somebody_else() {
    let directory = directory();
    let server = start(&directory).await;
    let owner = fs::metadata(format!("/proc/{}", pid(&server))).unwrap().uid();
    let own = rustix::process::geteuid();
    if own.is_root() {
        assert_ne!(owner, 0);
    } else {
        assert_eq!(owner, own.as_raw());
    }
}

#[tokio::test]
async fn root_may_keep_its_data_where_nobody_else_can_go() {
    if !rustix::process::geteuid().is_root() {
        return; // an unprivileged server runs as we do, and can go where we can
    }
    let closed = directory();
    let home = closed.path().join("home");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let data = home.join("data");
    let server = LocalPostgres::start(Settings::new(&data)).await.unwrap();
    server.create_database(DATABASE).await.unwrap();
    write(&server, 1).await;
    server.stop().await.unwrap();

    let server = LocalPostgres::start(Settings::new(&data)).await.unwrap();
    let kept = read(&server).await;
    server.stop().await.unwrap();
    let elsewhere = fs::read_to_string(data.join("postgres.location")).unwrap();
    fs::remove_dir_all(Path::new(elsewhere.trim()).parent().unwrap()).unwrap();
    assert_eq!(kept, [1]);
}

/// A server nobody supervises, as a supervisor killed without notice may leave behind.
struct Orphan(Pid);

impl Orphan {
    fn start(cluster: &Path) -> Self {
        use std::os::unix::process::CommandExt;

        let owner = fs::metadata(cluster).expect("the cluster exists");
        let version = fs::read_to_string(cluster.join("PG_VERSION")).expect("it has a version");
        let packaged = format!("/usr/lib/postgresql/{}/bin/postgres", version.trim());
        let program = if Path::new(&packaged).exists() { packaged } else { "postgres".to_owned() };
        // The shell exits at once, so that nobody reaps for us what we left behind.
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", r#""$@" >/dev/null 2>&1 & echo $!"#, "sh", &program, "-D"]);
        shell.arg(cluster).args(["-c", "listen_addresses=", "-c", "unix_socket_directories=."]);
        if rustix::process::geteuid().is_root() {
            shell.uid(owner.uid()).gid(owner.gid());
        }
        let output = shell.current_dir("/").output().expect("the shell runs");
        let pid = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
        let lock = cluster.join("postmaster.pid");
        let ready = (0..1000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            fs::read_to_string(&lock).is_ok_and(|content| content.contains("ready"))
        });
        assert!(ready, "the orphan runs");
        Self(pid.and_then(Pid::from_raw).expect("the shell printed a process id"))
    }

    /// Dead; where nothing reaps orphans it stays a zombie, which no longer runs.
    fn is_gone(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap_or_default();
        let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim().chars().next());
        state.is_none_or(|state| state == 'Z')
    }
}
