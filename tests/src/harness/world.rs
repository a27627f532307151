//! A database and the servers on it.

use std::{fs::Permissions, os::unix::fs::PermissionsExt};

use daybook_local_postgres::testing::{self, TestDatabase};
use sqlx::PgPool;
use tempfile::TempDir;

use super::{Audit, Client, Server, server::Launch};

/// One test's own world. The servers end before their database does.
pub(crate) struct World {
    /// The servers, in the order of their start.
    pub(crate) servers: Vec<Server>,
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
    database: Option<TestDatabase>,
    home: TempDir,
    admin_key: String,
}

impl World {
    /// One server on a database of its own on the tests' shared PostgreSQL.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// As [`World::start`], with settings in the environment.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::begin(Some(testing::database().await), variables, &[]).await
    }

    /// One server that runs a private PostgreSQL, durable as in production.
    pub(crate) async fn start_embedded() -> Self {
        Self::begin(None, &[], &[]).await
    }

    /// As [`World::start_embedded`], with the demonstration.
    pub(crate) async fn start_demonstration() -> Self {
        Self::begin(None, &[], &["--demo"]).await
    }

    async fn begin(
        database: Option<TestDatabase>,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> Self {
        let home = tempfile::Builder::new().prefix("daybook-").tempdir().expect("a directory");
        // Else the account that a private PostgreSQL drops to from root could not come here, and the server would keep
        // its cluster elsewhere, where nobody removes it after the test.
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o711)).expect("it is ours");
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let mut world = Self {
            servers: Vec::new(),
            variables: variables.iter().map(owned).collect(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            database,
            home,
            admin_key: String::new(),
        };
        world.add_server().await;
        world.admin_key = world.servers[0].admin_key().expect("the first start leaves a key");
        world
    }

    /// Starts one more server on the same database.
    pub(crate) async fn add_server(&mut self) {
        // With a space and an apostrophe, as people name directories.
        let data_dir = self.home.path().join(format!("server {}'s data", self.servers.len()));
        let server = Server::start(Launch {
            data_dir,
            arguments: self.arguments.clone(),
            database_url: self.database.as_ref().map(TestDatabase::url),
            variables: self.variables.clone(),
        });
        let server = server.await;
        self.servers.push(server);
    }

    /// The first server.
    pub(crate) fn server(&mut self) -> &mut Server {
        &mut self.servers[0]
    }

    /// A client of the first server with every right.
    pub(crate) fn client(&self) -> Client {
        self.clients().remove(0)
    }

    /// A client of each server with every right.
    pub(crate) fn clients(&self) -> Vec<Client> {
        self.servers.iter().map(|server| Client::new(&server.url(), &self.admin_key)).collect()
    }

    /// The key of the administrator.
    pub(crate) fn admin_key(&self) -> &str {
        &self.admin_key
    }

    /// The URL of the database.
    pub(crate) fn database_url(&self) -> String {
        match &self.database {
            Some(database) => database.url(),
            None => private_url(self.servers[0].data_dir()),
        }
    }

    /// A way past the server into its database.
    pub(crate) async fn pool(&self) -> PgPool {
        PgPool::connect(&self.database_url()).await.expect("the database answers")
    }

    /// An auditor of the log.
    pub(crate) async fn audit(&self) -> Audit {
        Audit::new(self.pool().await)
    }
}

/// The URL of a private PostgreSQL, put together from what its data directory holds.
fn private_url(data_dir: &std::path::Path) -> String {
    let read = |name| {
        let text = std::fs::read_to_string(data_dir.join(name)).expect("the server wrote it");
        text.trim().to_owned()
    };
    let (password, port) = (read("postgres.password"), read("postgres.port"));
    format!("postgres://daybook:{password}@127.0.0.1:{port}/daybook")
}
