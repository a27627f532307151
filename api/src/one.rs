//! Requests about one thing, which the address names: questions, and commands that change it.

use std::{str::FromStr, sync::Arc};

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
    response::Response,
};
use cqrs_es::Aggregate;
use daybook_domain::values::Timestamp;
use daybook_event_store::Answer;
use daybook_projections::{ModelName, View};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    app::App,
    bus::{Answered, Order, Told},
    extract::{Command, CommandBody, Reader},
    history,
    pages::{Newness, Parameters, Segment, Tagged},
    problem::Problem,
};

/// A question about one thing.
pub struct Lookup {
    /// What answers it.
    pub app: App,
    id: Segment,
    /// How new the answer must be.
    pub newness: Newness,
}

impl FromRequestParts<App> for Lookup {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Reader::from_request_parts(parts, app).await?;
        let id = Segment::from_request_parts(parts, app).await?;
        let Parameters(newness) = Parameters::from_request_parts(parts, app).await?;
        Ok(Self { app: Arc::clone(app), id, newness })
    }
}

impl Lookup {
    /// What it is about, as soon as some models have come as far as is asked.
    pub async fn id<I: FromStr>(&self, models: &[ModelName]) -> Result<I, Problem> {
        let id = self.id.id()?;
        for model in models {
            self.app.wait(*model, self.newness.min_position).await?;
        }
        Ok(id)
    }

    /// What a model keeps of it.
    pub async fn found<V>(&self, unknown: impl FnOnce() -> Problem) -> Result<V, Problem>
    where
        V: View<Id: FromStr>,
    {
        let id = self.id(&[V::MODEL]).await?;
        V::find(self.app.projections.queries(), id).await?.ok_or_else(unknown)
    }

    /// Answers what a model keeps of it, as clients see it.
    pub async fn shown<V, T>(self, unknown: impl FnOnce() -> Problem) -> Result<Response, Problem>
    where
        V: View<Id: FromStr>,
        T: From<V> + Serialize,
    {
        let view: V = self.found(unknown).await?;
        Ok(Tagged::new(view.sequence(), T::from(view)).into())
    }

    /// Answers all that happened to it, as soon as a model has come as far as is asked.
    pub async fn history<A: Aggregate>(
        self,
        model: ModelName,
        unknown: impl FnOnce() -> Problem,
    ) -> Result<Response, Problem> {
        let id: Uuid = self.id(&[model]).await?;
        history::of::<A>(&self.app, id, unknown).await
    }
}

/// A command about one thing.
pub struct Directed<T> {
    /// What carries it out.
    pub app: App,
    id: Segment,
    /// What it asks for.
    pub command: Command<T>,
}

impl<T: CommandBody> FromRequest<App> for Directed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let id = Segment::from_request_parts(&mut parts, app).await?;
        let command = Command::from_request(Request::from_parts(parts, body), app).await?;
        Ok(Self { app: Arc::clone(app), id, command })
    }
}

impl<T: CommandBody> Directed<T> {
    /// Carries it out: what is meant by the body is settled before the work begins.
    pub(crate) async fn carry_out<I, M, W>(
        self,
        meant: impl FnOnce(T, Timestamp) -> Result<M, Problem>,
        work: impl FnOnce(Order, I, M, Timestamp) -> W,
    ) -> Result<Answered, Problem>
    where
        I: FromStr,
        W: Future<Output = Result<Answer, Problem>> + Send + 'static,
    {
        let id = self.id.id()?;
        let (order, body, at) = self.app.order(self.command)?;
        let meant = meant(body, at)?;
        self.app.carry_out(work(order, id, meant, at)).await
    }

    /// Changes one aggregate by what is decided on it as it stands.
    pub(crate) async fn change<A, M>(
        self,
        meant: impl FnOnce(T) -> Result<M, Problem>,
        decide: impl Fn(&A, &M, Timestamp) -> Result<Vec<A::Event>, Problem> + Send + Sync + 'static,
    ) -> Result<Answered, Problem>
    where
        A: Told,
        M: Send + Sync + 'static,
    {
        let meant = |body, _| meant(body);
        let work = |order: Order, id, meant, at| async move {
            order.change(id, 200, |state: &A| decide(state, &meant, at)).await
        };
        self.carry_out(meant, work).await
    }
}
