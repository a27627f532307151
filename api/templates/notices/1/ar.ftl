# What customers are told, in Arabic. Edition 1: what was told by it has to read the same for ever, so that words which
# shall change go into a new edition (api/src/notices/text/catalogue.rs).

## The subject and the first sentence of each kind

requested-subject = استلمنا طلبك: { $title }
requested = شكرًا لك. طلبك بانتظار الرد حتى { $until }. إذا لم يصلك رد قبل ذلك فسينتهي الطلب تلقائيًا.

held-subject = محجوز لك مؤقتًا: { $title }
held = نحتفظ لك بهذا الحجز حتى { $until }. يُرجى تأكيده قبل ذلك؛ وبعده يصبح متاحًا للآخرين.

confirmed-subject = تم التأكيد: { $title }
confirmed = تم تأكيد حجزك.

declined-subject = تعذّر القبول: { $title }
declined = نأسف، لا يمكننا قبول طلبك. لم يعد هناك ما هو محجوز لك.

changed-subject = تم التعديل: { $title }
changed-amended = تم تعديل حجزك، وأصبح كما يلي:
changed-rescheduled = تغيّر موعد حجزك، وأصبح كما يلي:
changed-moved = تغيّر مكان حجزك، وبقي الموعد كما كان:
changed-lines-cancelled = أُلغي جزء من حجزك، وبقي منه ما يلي:

cancelled-subject = تم الإلغاء: { $title }
cancelled = تم إلغاء حجزك.

lapsed-subject = انتهى الحجز المؤقت: { $title }
lapsed = انتهت مهلة تأكيد حجزك. لم يعد هناك ما هو محجوز لك.

waiting-list-offer-subject = أصبح متاحًا: { $title }
waiting-list-offer = ما تنتظره أصبح متاحًا، ونحتفظ لك به حتى { $until }؛ يُرجى حجزه قبل ذلك.

reminder-subject = موعد قريب: { $title }
reminder = نذكّرك بحجزك.

no-show-subject = افتقدناك: { $title }
no-show = كان لديك حجز عندنا ولم تحضر.

refunded-subject = استرداد مبلغ: { $title }
refunded = نعيد إليك مبلغًا بالطريقة التي دفعت بها. قد يستغرق وصوله بضعة أيام.

## What it is about

what = { $title }
what-more = { $title } { $more ->
        [one] وعنصر واحد آخر
        [two] وعنصران آخران
        [few] و{ $more } عناصر أخرى
        [many] و{ $more } عنصرًا آخر
       *[other] و{ $more } عنصر آخر
    }
nights = من { $start } إلى { $end }، { $nights ->
        [one] ليلة واحدة
        [two] ليلتان
        [few] { $nights } ليالٍ
        [many] { $nights } ليلةً
       *[other] { $nights } ليلة
    }
times = من { $start } إلى { $end }
times-of-a-day = { $date }، من { $from } إلى { $to }
zone = الأوقات بالتوقيت المحلي ({ $zone }).
total = المجموع: { $amount }
total-more = المجموع: { $amount }، بزيادة { $difference } عمّا كان
total-less = المجموع: { $amount }، أقل بمقدار { $difference } عمّا كان
fee = الرسوم: { $amount }
no-fee = لا توجد رسوم.
refund = المبلغ المسترد: { $amount }
reference = رقم الحجز: { $booking }

## Dates

instant = { $date }، الساعة { $time }
date = { $weekday } { $day } { $month } { $year }
weekday-1 = الاثنين
weekday-2 = الثلاثاء
weekday-3 = الأربعاء
weekday-4 = الخميس
weekday-5 = الجمعة
weekday-6 = السبت
weekday-7 = الأحد
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
