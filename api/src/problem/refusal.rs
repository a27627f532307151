//! Each refusal of the domain as a problem: one exhaustive match per aggregate.

use daybook_domain::{
    add_on, allotment, booking, calendar, customer, invoice, listing, notice, organization,
    payment, payouts, quote, resource, series::booked, tickets, values::AddOnId, voucher,
    waiting_list,
};

use super::{Code, Problem, Shortage};

const POLICY: Code = Code::PolicyRefusal;

fn refused(refusal: &impl std::fmt::Display, (code, reason): (Code, &'static str)) -> Problem {
    Problem::new(code, refusal.to_string()).because(reason)
}

/// What is sold out, or kept for those who waited for it.
fn sold_out(kept: bool) -> (Code, &'static str) {
    (Code::SoldOut, if kept { "waiting_list" } else { "sold_out" })
}

impl From<organization::Refusal> for Problem {
    fn from(refusal: organization::Refusal) -> Self {
        use organization::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "organization_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::AlreadyMember => {
                let told = refusal.to_string();
                return Self::about(Code::AlreadyExists, "/id", told).because("already_member");
            }
            R::NotAMember => (Code::NotFound, "not_a_member"),
            R::LastOwner => (POLICY, "last_owner"),
            R::TooManyMembers { .. } => (POLICY, "too_many_members"),
        };
        refused(&refusal, kind)
    }
}

impl From<payouts::Refusal> for Problem {
    fn from(refusal: payouts::Refusal) -> Self {
        use payouts::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "payout_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::ZeroAmount => (POLICY, "zero_amount"),
            R::PeriodPaid { .. } => (POLICY, "period_paid"),
            R::PeriodNotOver { .. } => (POLICY, "period_not_over"),
            R::ExceedsOwed => (POLICY, "exceeds_owed"),
        };
        refused(&refusal, kind)
    }
}

impl From<listing::Refusal> for Problem {
    fn from(refusal: listing::Refusal) -> Self {
        use listing::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "listing_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::OtherKind => (POLICY, "other_kind"),
            R::CurrencyMismatch { .. } => (POLICY, "currency_mismatch"),
            R::NotPublished => (POLICY, "listing_not_published"),
            R::Archived => (POLICY, "listing_archived"),
        };
        refused(&refusal, kind)
    }
}

impl From<resource::Refusal> for Problem {
    fn from(refusal: resource::Refusal) -> Self {
        use resource::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "resource_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::CurrencyMismatch { .. } => (POLICY, "currency_mismatch"),
            R::NotSoldByNight => (POLICY, "not_sold_by_night"),
            R::NotTakenByTime => (POLICY, "not_taken_by_time"),
            R::NotStaff => (POLICY, "not_staff"),
        };
        refused(&refusal, kind)
    }
}

impl From<calendar::Refusal> for Problem {
    fn from(refusal: calendar::Refusal) -> Self {
        use calendar::Refusal as R;
        let kind = match refusal {
            R::NotOpen => (POLICY, "calendar_not_open"),
            R::OtherMonth { .. } => (POLICY, "other_month"),
            R::OtherShape => (POLICY, "other_shape"),
            R::OutsideMonth { .. } => (POLICY, "outside_month"),
            R::AlreadyAllocated => (POLICY, "already_allocated"),
            R::NotAllocated => (POLICY, "not_allocated"),
            R::AlreadyBlocked => (POLICY, "already_blocked"),
            R::SoldOut { place, free, asked, obstacle } => {
                let shortage = Shortage::at(place, free, asked, obstacle.as_str());
                let kept = obstacle == calendar::Obstacle::WaitingList;
                return refused(&refusal, sold_out(kept)).short_of(shortage);
            }
            R::DeadlinePassed { .. } => (POLICY, "deadline_passed"),
            R::HoldEnded { .. } => (POLICY, "hold_ended"),
            R::NothingAsked => (POLICY, "nothing_asked"),
        };
        refused(&refusal, kind)
    }
}

impl From<allotment::Refusal> for Problem {
    fn from(refusal: allotment::Refusal) -> Self {
        use allotment::Refusal as R;
        let kind = match &refusal {
            R::NotOpen => (Code::NotFound, "session_not_found"),
            R::AlreadyOpen => (Code::AlreadyExists, "already_exists"),
            R::CalledOff => (POLICY, "called_off"),
            R::Session(_) => (Code::BadValue, "session"),
            R::SalesClosed => (POLICY, "sales_closed"),
            R::AlreadyAllocated => (POLICY, "already_allocated"),
            R::NotAllocated => (POLICY, "not_allocated"),
            R::NothingAsked => (POLICY, "nothing_asked"),
            R::DeadlinePassed { .. } => (POLICY, "deadline_passed"),
            R::HoldEnded { .. } => (POLICY, "hold_ended"),
            R::UnknownOffer { .. } => (Code::BadValue, "unknown_offer"),
            R::NotYetOnSale { .. } => (POLICY, "not_yet_on_sale"),
            R::NoLongerOnSale { .. } => (POLICY, "no_longer_on_sale"),
            R::TooFew { .. } => (POLICY, "too_few"),
            R::TooMany { .. } => (POLICY, "too_many"),
            R::OrderLimit { .. } => (POLICY, "order_limit"),
            R::CustomerLimit { .. } => (POLICY, "customer_limit"),
            R::SoldOut { pool, free, asked, reason } => {
                let shortage = Shortage::of(pool.clone(), *free, *asked, reason.as_str());
                let kept = *reason == allotment::Obstacle::WaitingList;
                return refused(&refusal, sold_out(kept)).short_of(shortage);
            }
            R::NotSeated { .. } => (Code::BadValue, "not_seated"),
            R::SeatsNeeded { .. } => (Code::BadValue, "seats_needed"),
            R::SeatCount { .. } => (Code::BadValue, "seat_count"),
            R::UnknownSeat { .. } => (Code::BadValue, "unknown_seat"),
            R::SeatElsewhere { .. } => (Code::BadValue, "seat_elsewhere"),
            R::SeatTwice { .. } => (Code::BadValue, "seat_twice"),
            R::SeatNotFree { seat, reason } => {
                let shortage = Shortage::seat(seat.clone(), reason.as_str());
                return refused(&refusal, (Code::SoldOut, "seat_not_free")).short_of(shortage);
            }
            R::NotTaken { .. } => (POLICY, "not_taken"),
            R::SeatNotTaken { .. } => (POLICY, "seat_not_taken"),
        };
        refused(&refusal, kind)
    }
}

impl From<resource::StayRefusal> for Problem {
    fn from(refusal: resource::StayRefusal) -> Self {
        use resource::StayRefusal as R;
        let reason = match refusal {
            R::Closed(_) => "closed",
            R::ClosedToArrival(_) => "closed_to_arrival",
            R::ClosedToDeparture(_) => "closed_to_departure",
            R::TooShort { .. } => "stay_too_short",
            R::TooLong { .. } => "stay_too_long",
        };
        refused(&refusal, (POLICY, reason))
    }
}

impl From<booking::Refusal> for Problem {
    fn from(refusal: booking::Refusal) -> Self {
        use booking::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "booking_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::DeadlinePassed { .. } => (POLICY, "deadline_passed"),
            R::Over { .. } => (POLICY, "over"),
            R::NotApproved => (POLICY, "not_approved"),
            R::NotRequested => (POLICY, "not_requested"),
            R::Declined => (POLICY, "declined"),
            R::NotLater { .. } => (POLICY, "not_later"),
            R::UnknownLine { .. } => (POLICY, "unknown_line"),
            R::UnknownPlaces { .. } => (POLICY, "unknown_places"),
            R::GuestsUnclear { .. } => (POLICY, "guests_unclear"),
            R::TooLateToChange { .. } => (POLICY, "too_late_to_change"),
            R::NothingLeft => (POLICY, "nothing_left"),
            R::NotOnlyTheTime { .. } => (POLICY, "not_only_the_time"),
            R::NotOnlyThePlace { .. } => (POLICY, "not_only_the_place"),
            R::HoldEnded { .. } => (POLICY, "hold_ended"),
            R::StillHeld { .. } => (POLICY, "still_held"),
            R::NotHeld => (POLICY, "not_held"),
            R::Lapsed => (POLICY, "lapsed"),
            R::Cancelled => (POLICY, "cancelled"),
            R::NotConfirmed => (POLICY, "not_confirmed"),
            R::AlreadyConfirmed => (POLICY, "already_confirmed"),
            R::AlreadyCheckedIn => (POLICY, "already_checked_in"),
            R::NotCheckedIn => (POLICY, "not_checked_in"),
            R::BeforeCheckIn { .. } => (POLICY, "before_check_in"),
            R::Completed => (POLICY, "completed"),
            R::NoShow => (POLICY, "no_show"),
            R::ArrivalNotYet { .. } => (POLICY, "arrival_not_yet"),
            R::UnknownQuote => {
                let told = refusal.to_string();
                let field = "/cancellation_quote_id";
                return Self::about(Code::NotFound, field, told).because("quote_not_found");
            }
            R::QuotedOtherwise => (POLICY, "quoted_otherwise"),
            R::QuoteExpired { .. } => (POLICY, "quote_expired"),
            R::Money(_) => (Code::BadValue, "amount"),
            R::CurrencyMismatch => (POLICY, "currency_mismatch"),
        };
        refused(&refusal, kind)
    }
}

impl From<payment::Refusal> for Problem {
    fn from(refusal: payment::Refusal) -> Self {
        use payment::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "payment_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::ZeroAmount => (POLICY, "zero_amount"),
            R::CurrencyMismatch => (POLICY, "currency_mismatch"),
            R::ProviderMismatch => (POLICY, "provider_mismatch"),
            R::ByHand => (POLICY, "recorded_by_hand"),
            R::ByProvider => (POLICY, "only_by_provider"),
            R::UnknownAttempt { .. } => (POLICY, "unknown_attempt"),
            R::AttemptOver { .. } => (POLICY, "attempt_over"),
            R::AttemptOpen => (POLICY, "attempt_open"),
            R::OtherReference => (POLICY, "other_reference"),
            R::NotAuthorized => (POLICY, "not_authorized"),
            R::Authorized => (POLICY, "authorized"),
            R::AuthorizationExpired { .. } => (POLICY, "authorization_expired"),
            R::NotExpired => (POLICY, "authorization_not_expired"),
            R::AuthorizationExceedsRequested { .. } => (POLICY, "authorization_exceeds_requested"),
            R::CaptureExceedsRequested { .. } => (POLICY, "capture_exceeds_requested"),
            R::CaptureExceedsAuthorized { .. } => (POLICY, "capture_exceeds_authorized"),
            R::AlreadyCaptured { .. } => (POLICY, "already_captured"),
            R::CaptureInProgress => (POLICY, "capture_in_progress"),
            R::UnknownCapture { .. } => (POLICY, "unknown_capture"),
            R::NotCaptured => (POLICY, "not_captured"),
            R::RefundExceedsCaptured { .. } => (POLICY, "refund_exceeds_captured"),
            R::RefundDiffers { .. } => (POLICY, "refund_differs"),
            R::UnknownRefund => (POLICY, "unknown_refund"),
            R::Disputed => (POLICY, "disputed"),
            R::DisputeExceedsCaptured { .. } => (POLICY, "dispute_exceeds_captured"),
            R::LossExceedsCaptured { .. } => (POLICY, "loss_exceeds_captured"),
            R::DisputeDiffers { .. } => (POLICY, "dispute_differs"),
            R::DisputeEnded => (POLICY, "dispute_ended"),
            R::BeingVoided => (POLICY, "being_voided"),
            R::Voided => (POLICY, "voided"),
            R::Failed => (POLICY, "failed"),
        };
        refused(&refusal, kind)
    }
}

impl From<quote::Refusal> for Problem {
    fn from(refusal: quote::Refusal) -> Self {
        use quote::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "quote_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::Expired { .. } => (POLICY, "quote_expired"),
            R::Used { .. } => (POLICY, "quote_used"),
        };
        refused(&refusal, kind)
    }
}

impl From<booked::Refusal> for Problem {
    fn from(refusal: booked::Refusal) -> Self {
        use booked::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "series_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::NoSuchOccurrence(_) => {
                let told = refusal.to_string();
                return Self::bad_value("/original", told).because("no_such_occurrence");
            }
            R::Unaccounted(_) => (POLICY, "unaccounted"),
            R::NothingBooked => (POLICY, "nothing_booked"),
            R::WasSkipped(_) => (POLICY, "was_skipped"),
            R::WasCancelled(_) => (POLICY, "was_cancelled"),
        };
        refused(&refusal, kind)
    }
}

impl From<customer::Refusal> for Problem {
    fn from(refusal: customer::Refusal) -> Self {
        use customer::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "customer_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::Merged { .. } => (POLICY, "merged"),
            R::IntoItself => (POLICY, "into_itself"),
            R::OtherOrganization => (POLICY, "other_organization"),
            R::NoteExists => (Code::AlreadyExists, "note_exists"),
            R::NoSuchNote => (Code::NotFound, "note_not_found"),
            R::TooManyNotes => (POLICY, "too_many_notes"),
            R::TooManyContacts => (POLICY, "too_many_contacts"),
            R::TooManyTags => (POLICY, "too_many_tags"),
            R::TooManyRecords { .. } => (POLICY, "too_many_records"),
        };
        refused(&refusal, kind)
    }
}

impl From<tickets::Refusal> for Problem {
    fn from(refusal: tickets::Refusal) -> Self {
        use tickets::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "ticket_not_found"),
            R::TooMany => (POLICY, "too_many_tickets"),
            R::NotOneByOne { .. } => (POLICY, "not_one_by_one"),
            R::Void => (POLICY, "ticket_void"),
            R::AlreadyUsed => (POLICY, "already_used"),
            R::SessionBegun { .. } => (POLICY, "session_begun"),
            R::NonceReused => (POLICY, "nonce_reused"),
            R::TooManyScans => (POLICY, "too_many_scans"),
        };
        refused(&refusal, kind)
    }
}

impl From<invoice::Refusal> for Problem {
    fn from(refusal: invoice::Refusal) -> Self {
        use invoice::Refusal as R;
        let kind = match refusal {
            R::NotConfirmed => (POLICY, "not_confirmed"),
            R::NothingToIssue => (POLICY, "nothing_to_invoice"),
            R::NoSeller => (POLICY, "no_seller"),
            R::Money(_) => (Code::BadValue, "amount"),
        };
        refused(&refusal, kind)
    }
}

impl From<invoice::register::Refusal> for Problem {
    fn from(refusal: invoice::register::Refusal) -> Self {
        use invoice::register::Refusal as R;
        let kind = match refusal {
            R::OutOfTurn { .. } => (Code::ConcurrentChange, "out_of_turn"),
        };
        refused(&refusal, kind)
    }
}

impl From<notice::Refusal> for Problem {
    fn from(refusal: notice::Refusal) -> Self {
        use notice::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "notice_not_found"),
            R::Delivered => (POLICY, "notice_delivered"),
            R::Withdrawn => (POLICY, "notice_withdrawn"),
        };
        refused(&refusal, kind)
    }
}

impl From<waiting_list::Refusal> for Problem {
    fn from(refusal: waiting_list::Refusal) -> Self {
        use waiting_list::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "waiting_list_entry_not_found"),
            R::AlreadyJoined => (Code::AlreadyExists, "already_exists"),
            R::AlreadyWaiting { .. } => (POLICY, "already_waiting"),
            R::TooManyOfCustomer => (POLICY, "too_many_entries"),
            R::Full => (POLICY, "waiting_list_full"),
            R::StillFree => (POLICY, "still_free"),
            R::NeverFree => (POLICY, "never_free"),
            R::DeadlinePassed { .. } => (POLICY, "deadline_passed"),
            R::Ended { .. } => (POLICY, "entry_ended"),
            R::NotOffered => (POLICY, "not_offered"),
            R::OfferEnded { .. } => (POLICY, "offer_ended"),
            R::OtherCustomer => (POLICY, "other_customer"),
            R::OtherThanOffered => (POLICY, "other_than_offered"),
        };
        refused(&refusal, kind)
    }
}

impl From<voucher::Refusal> for Problem {
    fn from(refusal: voucher::Refusal) -> Self {
        use voucher::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "voucher_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::Withdrawn => (POLICY, "voucher_withdrawn"),
            R::NotYetValid { .. } => (POLICY, "voucher_not_yet_valid"),
            R::Expired { .. } => (POLICY, "voucher_expired"),
            R::UsedUp { .. } => (POLICY, "voucher_used_up"),
            R::CustomerUsedUp { .. } => (POLICY, "voucher_used_up_by_customer"),
            R::Budget { .. } => (POLICY, "voucher_budget"),
            R::Minimum { .. } => (POLICY, "voucher_minimum"),
            R::NotForThis => (POLICY, "voucher_not_for_this"),
            R::CurrencyMismatch(_) => (POLICY, "currency_mismatch"),
            R::AlreadyUsed => (POLICY, "voucher_already_used"),
            R::NotUsed => (POLICY, "voucher_not_used"),
            R::HoldEnded { .. } => (POLICY, "hold_ended"),
            R::Money(_) => (Code::BadValue, "amount"),
        };
        refused(&refusal, kind)
    }
}

impl From<add_on::Refusal> for Problem {
    fn from(refusal: add_on::Refusal) -> Self {
        use add_on::Refusal as R;
        let kind = match refusal {
            R::NotFound => (Code::NotFound, "add_on_not_found"),
            R::AlreadyExists => (Code::AlreadyExists, "already_exists"),
            R::Withdrawn => (POLICY, "add_on_withdrawn"),
            R::CurrencyMismatch => (POLICY, "currency_mismatch"),
            R::OtherStock => (POLICY, "other_stock"),
            R::TooMany { .. } => (POLICY, "too_many_of_add_on"),
            R::SoldOut { .. } => (Code::SoldOut, "sold_out"),
            R::NotTaken => (POLICY, "not_taken"),
            R::HoldEnded { .. } => (POLICY, "hold_ended"),
        };
        refused(&refusal, kind)
    }
}

impl Problem {
    /// A refusal that names its add-on, if that is sold out.
    pub(crate) fn of_add_on(id: AddOnId, refusal: add_on::Refusal) -> Self {
        let add_on::Refusal::SoldOut { day, free, asked } = refusal else { return refusal.into() };
        Self::from(refusal).short_of(Shortage::add_on(id, day, free, asked))
    }
}
