//! Everything that came out, for people and as JSON.

use std::fmt::{self, Display};

use serde::Serialize;

use super::{
    aims::{self, Aim, JUDGED_AT, find},
    availability::{Availability, Latency},
    decision::Decision,
    figure::{Contender, Row},
    machine::Machine,
    plan::Plan,
    replay::Replay,
    safety::Safety,
    table::{Table, known, thousands},
};

/// One run of the benchmark.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) machine: Machine,
    pub(super) plan: Plan,
    pub(super) aims: Vec<Aim>,
    pub(super) safety: Option<Safety>,
    pub(super) races: Vec<Row>,
    pub(super) engines: Vec<Row>,
    pub(super) replay: Option<Replay>,
    pub(super) decisions: Vec<Decision>,
    pub(super) availability: Option<Availability>,
}

impl Report {
    pub(super) fn new(plan: &Plan, machine: Machine) -> Self {
        Self {
            machine,
            plan: plan.clone(),
            aims: Vec::new(),
            safety: None,
            races: Vec::new(),
            engines: Vec::new(),
            replay: None,
            decisions: Vec::new(),
            availability: None,
        }
    }

    /// Compares everything with its aim, unless nothing was measured long enough.
    pub(super) fn judge(&mut self) {
        if !self.plan.quick {
            self.aims = aims::judge(self);
        }
    }

    /// What must never be, whatever the speed.
    pub(super) fn wrongs(&self) -> Vec<String> {
        let Some(safety) = &self.safety else { return Vec::new() };
        let mut wrongs = Vec::new();
        if safety.oversold != 0 || safety.contest_sold > i64::from(safety.contest_capacity) {
            wrongs.push(format!("{} places were oversold", safety.oversold));
        }
        if safety.missing != 0 {
            wrongs.push(format!("{} acknowledged bookings are lost", safety.missing));
        }
        if i64::try_from(safety.contest_acknowledged).ok() != Some(safety.contest_sold) {
            let (told, sold) = (safety.contest_acknowledged, safety.contest_sold);
            wrongs.push(format!("{told} places were acknowledged and {sold} sold"));
        }
        wrongs
    }
}

impl Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_machine(out)?;
        self.write_aims(out)?;
        self.write_safety(out)?;
        write_rows(out, "Bookings", "conns", &self.races, Contender::SqlTransaction)?;
        write_rows(out, "Commands in process", "at once", &self.engines, Contender::CqrsEs)?;
        self.write_replay(out)?;
        if !self.decisions.is_empty() {
            writeln!(out, "\nOne decision of a calendar")?;
        }
        for Decision { sold_by, allocations, empty_ns, full_ns, ratio } in &self.decisions {
            let full = format!("{full_ns:.0} ns with {allocations} live allocations");
            writeln!(out, "  by {sold_by}: {full}, {empty_ns:.0} ns with none: {ratio:.2}x")?;
        }
        self.write_availability(out)
    }
}

impl Report {
    fn write_machine(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { daybook, cores, postgres, syncs_per_second, .. } = &self.machine;
        let processor = self.machine.processor.as_deref().unwrap_or("unknown processor");
        let system = self.machine.system.as_deref().unwrap_or("unknown system");
        let memory = known(self.machine.memory_gib, 1);
        writeln!(out, "Daybook {daybook}, PostgreSQL {postgres}, {system}")?;
        writeln!(out, "{cores} cores ({processor}), {memory} GiB, clients on the same cores")?;
        let settings: Vec<_> =
            self.machine.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        writeln!(out, "{}", settings.join(" "))?;
        let Plan { seconds, rounds, .. } = &self.plan;
        writeln!(
            out,
            "{} durable writes/s on this disk; load before: {}; medians of {rounds} x {seconds} s",
            thousands(*syncs_per_second),
            known(self.machine.load_before, 2),
        )?;
        if !self.machine.optimized {
            writeln!(out, "NOT AN OPTIMIZED BUILD: these figures mean nothing")?;
        }
        if self.plan.quick {
            writeln!(out, "A QUICK RUN, to see that everything works: these figures mean nothing")?;
        }
        Ok(())
    }

    fn write_aims(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.aims.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nAims (bookings at {JUDGED_AT} connections)")?;
        let mut table = Table::new(&["", "measured", "aim", ""]);
        for Aim { what, measured, limit, at_most, unit, met } in &self.aims {
            let sign = if *at_most { "<=" } else { ">=" };
            table.push([
                what.clone(),
                format!("{measured:.2} {unit}"),
                format!("{sign} {limit} {unit}"),
                if *met { "met" } else { "NOT MET" }.to_owned(),
            ]);
        }
        write!(out, "{table}")
    }

    fn write_safety(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(safety) = &self.safety else { return Ok(()) };
        writeln!(out, "\nAfter the server was killed")?;
        let Safety { contest_capacity, contest_tries, contest_sold, .. } = safety;
        writeln!(
            out,
            "  {contest_tries} tries for {contest_capacity} places: {} acknowledged, {contest_sold} sold",
            safety.contest_acknowledged
        )?;
        let Safety { acknowledged, in_log, missing, oversold, .. } = safety;
        writeln!(
            out,
            "  {acknowledged} bookings acknowledged, {in_log} in the log, {missing} missing, {oversold} places oversold"
        )
    }

    fn write_availability(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(availability) = &self.availability else { return Ok(()) };
        let Availability { bookings, staff, rooms, slots, free_rooms } = availability;
        writeln!(out, "\nWhat is free, with {} bookings stored", thousands(*bookings as f64))?;
        write_latency(out, format_args!("slots of {staff} staff in 30 days"), slots)?;
        write_latency(out, format_args!("{rooms} rooms for two hours"), free_rooms)
    }

    fn write_replay(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(replay) = &self.replay else { return Ok(()) };
        let copy = replay.copy_per_second;
        writeln!(out, "\nReplay of {} events", thousands(replay.events as f64))?;
        let mut table = Table::new(&["", "events", "events/s", "x COPY"]);
        let mut push = |what: String, events: f64, per_second: f64| {
            let ratio = format!("{:.2}", per_second / copy);
            table.push([what, thousands(events), thousands(per_second), ratio]);
        };
        let mib = replay.copy_mib_per_second;
        push(format!("COPY events TO STDOUT ({mib:.0} MiB/s)"), replay.events as f64, copy);
        for rebuilt in &replay.models {
            push(format!("{} rebuilt", rebuilt.model), rebuilt.events as f64, rebuilt.per_second);
        }
        let all = replay.models.iter().map(|rebuilt| rebuilt.events as f64).sum();
        push("all models, one after another".to_owned(), all, replay.rebuild_per_second);
        let (caught_up, per_second) = (replay.caught_up as f64, replay.catch_up_per_second);
        push("all models catching up together".to_owned(), caught_up, per_second);
        write!(out, "{table}")
    }
}

/// How long a question takes.
fn write_latency(
    out: &mut fmt::Formatter<'_>,
    what: impl Display,
    Latency { p50_ms, p99_ms }: &Latency,
) -> fmt::Result {
    writeln!(out, "  {what}: p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms")
}

/// Rows of figures, each with its ratio to the rival in the same discipline.
fn write_rows(
    out: &mut fmt::Formatter<'_>,
    title: &str,
    at_once: &str,
    rows: &[Row],
    rival: Contender,
) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let ratio = format!("x {}", if rival == Contender::CqrsEs { "cqrs-es" } else { "plain SQL" });
    writeln!(out, "\n{title}")?;
    let mut table = Table::new(&[
        "",
        "",
        at_once,
        "per second",
        &ratio,
        "p50 ms",
        "p99 ms",
        "refused",
        "server MiB",
        "server us",
        "postgres us",
        "this us",
    ]);
    for Row { contender, shape, at_once, median, .. } in rows {
        let beside = if rival == Contender::CqrsEs {
            find(rows, rival, super::figure::Shape::Fresh, None)
        } else {
            find(rows, rival, *shape, Some(*at_once))
        };
        table.push([
            contender.title().to_owned(),
            shape.title().to_owned(),
            at_once.to_string(),
            thousands(median.per_second),
            known(beside.map(|beside| median.per_second / beside.per_second), 2),
            format!("{:.2}", median.p50_ms),
            format!("{:.2}", median.p99_ms),
            median.refused.to_string(),
            known(median.server_mib, 0),
            known(median.server_cpu_us, 0),
            known(median.postgres_cpu_us, 0),
            known(median.own_cpu_us, 0),
        ]);
    }
    write!(out, "{table}")
}
