//! Where in a body a session does not go together.

use daybook_domain::{
    allotment::{Draw, SessionError},
    values::Code,
};

use super::content::SessionContent;
use crate::problem::Problem;

/// The problem, with the place in what was sent.
pub(super) fn misfit(error: &SessionError, content: &SessionContent) -> Problem {
    Problem::bad_value(place(error, content), error.to_string())
}

fn place(error: &SessionError, content: &SessionContent) -> String {
    use SessionError as E;
    match error {
        E::NoPool | E::TooManyPools => "/pools".to_owned(),
        E::PoolTwice { pool } => format!("/pools/{}/code", last_pool(content, pool)),
        E::UnknownSection { pool, section: _ } | E::SeatingChanged { pool } => {
            format!("/pools/{}/sections", last_pool(content, pool))
        }
        E::SectionTwice { section } => {
            let owner = content.pools.iter().rposition(|pool| pool.sections.contains(section));
            format!("/pools/{}/sections", owner.unwrap_or_default())
        }
        E::NoOffer | E::TooManyOffers => "/offers".to_owned(),
        E::OfferTwice { offer } => in_offer(content, offer, "/code"),
        E::SeveralCurrencies { offer } => in_offer(content, offer, "/price"),
        E::LeastAboveMost { offer, .. } => in_offer(content, offer, "/least"),
        E::NeverOnSale { offer, .. } => sales(content, offer),
        E::NoDraw { offer } | E::SeveralSeated { offer } | E::DrawsChanged { offer } => {
            in_offer(content, offer, "/draws")
        }
        E::UnknownPool { offer, pool } | E::PoolTwiceInOffer { offer, pool } => {
            draw(content, offer, pool)
        }
        E::TooManyGates => "/admission/gates".to_owned(),
        E::UnknownOfferAtGate { gate, offer: _ } => format!("/admission/gates/{gate}"),
        E::SeatRemoved { seat: _ } => "/seat_map".to_owned(),
    }
}

/// The last pool with a code: of two with the same code it is the one too many.
fn last_pool(content: &SessionContent, code: &Code) -> usize {
    content.pools.iter().rposition(|pool| pool.code == *code).unwrap_or_default()
}

fn last_offer(content: &SessionContent, code: &Code) -> usize {
    content.offers.iter().rposition(|offer| offer.code == *code).unwrap_or_default()
}

fn in_offer(content: &SessionContent, code: &Code, member: &str) -> String {
    format!("/offers/{}{member}", last_offer(content, code))
}

/// The window that is said last: the offer's own, unless it has none.
fn sales(content: &SessionContent, code: &Code) -> String {
    let index = last_offer(content, code);
    let own = content.offers.get(index).is_some_and(|offer| !offer.sales.is_unsaid());
    if own { format!("/offers/{index}/sales") } else { "/sales".to_owned() }
}

fn draw(content: &SessionContent, offer: &Code, pool: &Code) -> String {
    let index = last_offer(content, offer);
    let draws: &[Draw] = content.offers.get(index).map_or(&[], |offer| &offer.draws);
    let draw = draws.iter().rposition(|draw| draw.pool == *pool).unwrap_or_default();
    format!("/offers/{index}/draws/{draw}/pool")
}
