# What customers are told, in English. Edition 1: what was told by it has to read the same for ever, so that words which
# shall change go into a new edition (api/src/notices/text/catalogue.rs).

## The subject and the first sentence of each kind

requested-subject = We have your request: { $title }
requested = Thank you. Your request waits for an answer until { $until }. If there is none by then, it ends by itself.

held-subject = Held for you: { $title }
held = We are holding this for you until { $until }. Please confirm it by then; after that it is free for others.

confirmed-subject = Confirmed: { $title }
confirmed = Your booking is confirmed.

declined-subject = Not accepted: { $title }
declined = We are sorry, but we cannot accept your request. Nothing is held for you any more.

changed-subject = Changed: { $title }
changed-amended = Your booking was changed. This is what is booked now:
changed-rescheduled = Your booking has a new time. This is what is booked now:
changed-moved = Your booking has a new place, at the same time as before:
changed-lines-cancelled = A part of your booking was cancelled. This is what is still booked:

cancelled-subject = Cancelled: { $title }
cancelled = Your booking was cancelled.

lapsed-subject = No longer held: { $title }
lapsed = The time to confirm your booking is over. Nothing is held for you any more.

waiting-list-offer-subject = A place is free: { $title }
waiting-list-offer = What you are waiting for has become free. It is kept for you until { $until }; book it by then.

reminder-subject = Coming up: { $title }
reminder = This is a reminder of your booking.

no-show-subject = We missed you: { $title }
no-show = You had a booking with us, but you did not come.

refunded-subject = Refund: { $title }
refunded = We are giving you money back, the way you paid. It can take some days to reach you.

## What it is about

what = { $title }
what-more = { $title } and { $more ->
        [one] one more item
       *[other] { $more } more items
    }
nights = { $start } to { $end }, { $nights ->
        [one] one night
       *[other] { $nights } nights
    }
times = { $start } to { $end }
times-of-a-day = { $date }, { $from } to { $to }
zone = Times are local times ({ $zone }).
total = Total: { $amount }
total-more = Total: { $amount }, which is { $difference } more than before
total-less = Total: { $amount }, which is { $difference } less than before
fee = Charge: { $amount }
no-fee = There is no charge.
refund = Refund: { $amount }
reference = Booking { $booking }

## Dates

instant = { $date }, { $time }
date = { $weekday } { $day } { $month } { $year }
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
