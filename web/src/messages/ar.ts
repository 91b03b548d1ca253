import type { Messages } from '../messages.ts'
import { pluralIn } from '../plural.ts'

const plural = pluralIn('ar')
const files = (n: number) =>
  plural(n, { zero: 'لا ملفات', one: 'ملف واحد', two: 'ملفان', few: `${n} ملفات`, many: `${n} ملفًا`, other: `${n} ملف` })

/** Keeps what may run the other way, e.g. a file's name, from turning the text around it. */
const apart = (text: string) => `\u2068${text}\u2069`

export const messages: Messages = {
  dir: 'rtl',

  name: 'Longhaul',
  licences: 'التراخيص',

  bytes: (n) =>
    plural(n, { one: 'بايت واحد', two: 'بايتان', few: `${n} بايتات`, many: `${n} بايتًا`, other: `${n} بايت` }),
  size: (n, unit) => apart(`${n} ${unit}`),
  partOf: (part, whole) => `${part} من ${whole}`,
  percent: (n) => `${n}٪`,
  speed: (size) => `${size} في الثانية`,
  left: {
    soon: 'بقيت ثوانٍ قليلة',
    seconds: (n) => `${n} ث`,
    minutes: (n) => `${n} د`,
    hours: (n) => `${n} س`,
    days: (n) => plural(n, { one: 'يوم', two: 'يومين', few: `${n} أيام`, many: `${n} يومًا`, other: `${n} يوم` }),
    about: (most, rest) => `بقي نحو ${rest ? `${most} و${rest}` : most}`,
  },

  choose: 'اختر ملفات',
  chooseFolder: 'اختر مجلدًا',
  sendHere: 'أرسل ملفات من هذا الجهاز',
  dropAnywhere: 'أفلت الملفات في أي مكان من هذه الصفحة',
  dropHere: 'أفلت الملفات هنا',
  dropNow: 'أفلت للرفع',
  promise: 'يبدأ الرفع فورًا. وإذا انقطع الاتصال يُستأنف تلقائيًا من حيث توقف.',
  unreadable: (paths, more) => `تعذّر على المتصفح قراءة ${apart(paths)}${more > 0 ? ` و${files(more)} غيرها` : ''}.`,
  nothingFound: 'لا توجد ملفات فيه.',
  dismiss: 'إغلاق',
  offlineBanner: 'أنت غير متصل. يُستأنف الرفع تلقائيًا عند عودة الاتصال.',
  keepOpen: 'أبقِ هذه الصفحة ظاهرة: يوقف هذا الجهاز الرفع في الخلفية، ويُستأنف عند عودتك.',

  uploads: 'عمليات الرفع',
  summary: (done, all) => (done === 0 && all === 1 ? files(1) : `رُفع ${done === all ? files(all) : `${done} من ${all}`}`),
  overall: 'كل عمليات الرفع',
  clearDone: 'إخفاء المنتهية',

  state: {
    waiting: 'ينتظر دوره',
    checking: (percent) => `تجري المقارنة بما لدى الخادم، ${percent}٪`,
    starting: 'يبدأ',
    uploading: 'يجري الرفع',
    finishing: 'على وشك الانتهاء: بانتظار تأكيد الخادم',
    verifying: (percent) => `يجري التحقق مما وصل، ${percent}٪`,
    paused: 'متوقف مؤقتًا',
    offline: 'غير متصل. يُستأنف عند عودة الاتصال',
    retrying: (seconds, why) => (seconds > 0 ? `محاولة جديدة بعد ${seconds} ث: ${why}` : `محاولة جديدة: ${why}`),
    cancelling: 'يجري الحذف من الخادم',
    done: 'تم الرفع',
    verified: 'تم الرفع والتحقق',
    failed: 'فشل',
  },
  sent: (amount) => `أُرسل ${amount}`,
  stored: (amount) => `حُفظ ${amount}`,
  progressOf: (name) => `تقدّم ${apart(name)}`,

  pause: 'إيقاف مؤقت',
  resume: 'استئناف',
  cancel: 'إلغاء',
  retry: 'إعادة المحاولة',
  sendAnew: 'إرسال من جديد',
  uploadAnyway: 'ارفعه على أي حال',
  remove: 'إزالة',
  download: 'تنزيل',
  confirmDelete: 'حذف ما أُرسل؟',
  confirmYes: 'حذف',
  confirmNo: 'إبقاء',
  actionFor: (action, name) => `${action}: ${apart(name)}`,

  details: {
    show: 'تفاصيل',
    link: 'الرابط',
    qr: 'الرابط كرمز QR',
    copy: 'نسخ',
    copied: 'تم النسخ',
    notCopied: 'حدّد النص وانسخه',
    digest: 'SHA-256',
    noDigest: 'لم يذكر الخادم SHA-256.',
    compare: 'مقارنة بالملف',
    comparing: (percent) => `تجري المقارنة، ${percent}٪`,
    equal: 'تمت المقارنة: للملف هنا القيمة نفسها.',
    differs: 'للملف هنا قيمة أخرى، فليس هو ما وصل.',
    unreadable: 'لم تعد قراءة الملف هنا ممكنة.',
    curl: 'تنزيل باستخدام curl',
    push: 'إرسال باستخدام longhaul',
    token: 'يطلب الخادم رمز دخول، فالرابط وحده لا يفتح شيئًا. تأخذ الأوامر الرمز من المتغير LONGHAUL_TOKEN.',
  },

  why: {
    unreachable: 'تعذّر الوصول إلى الخادم',
    restarting: 'الخادم مشغول أو يُعاد تشغيله',
    busy: 'ما زال الخادم يغلق الاتصال السابق',
    unproven: 'لم تتضمن الإجابة دليلًا على ما لدى الخادم',
    stalled: 'لم يتحرك شيء منذ دقيقتين',
    full: 'لم تبقَ مساحة لدى الخادم',
    tooMany: 'يطلب الخادم الانتظار',
    serverTrouble: (status) => `حدثت مشكلة في الخادم (${status})`,
    between: (status) => `أجاب وسيط قبل الخادم بالرمز ${status}`,
  },

  failed: {
    changed: {
      why: 'تغيّر الملف على القرص أو لم تعد قراءته ممكنة.',
      advice: 'اختره مجددًا: يُستأنف إن لم يتغير، ويُرسل من جديد إن تغيّر.',
    },
    mixed: {
      why: 'وصل كله، لكن الملف تغيّر على القرص أو نُقل أثناء ذلك.',
      advice: 'اختره مجددًا للمقارنة: إن تغيّر محتواه فقط فقد يكون ما وصل خليطًا من القديم والجديد.',
    },
    arrivedOther: {
      why: 'وصل كله، لكن SHA-256 الخاص به ليس كالذي للملف هنا.',
      advice: 'احذفه وأرسل الملف مجددًا. وإن تكرر ذلك فأخبر من يدير هذا الخادم.',
    },
    otherContent: {
      why: 'محتوى هذا الملف ليس كما كان عند بدء الرفع.',
      advice: 'لم يُضف منه شيء. أرسله من جديد لرفع الملف كما هو الآن.',
    },
    otherTab: {
      why: 'علامة تبويب أخرى في هذا المتصفح ترفع هذا الملف.',
      advice: 'اتركه لها، أو أغلقها وأعد المحاولة.',
    },
    duplicate: {
      why: 'هذا الملف موجود في القائمة.',
      advice: 'إن كان ملفًا آخر بالاسم نفسه فارفعه على أي حال.',
    },
    tooLarge: {
      why: 'الملف أكبر مما يقبله الخادم.',
      advice: 'اطلب ممن يدير هذا الخادم رفع الحد، ثم أعد المحاولة.',
    },
    notAllowed: {
      why: 'لا يسمح لك الخادم بالرفع.',
      advice: 'قد يلزمك تسجيل الدخول مجددًا. ثم أعد المحاولة.',
    },
    refused: (text) => ({
      why: text ? `رفض الخادم الرفع (${apart(text)}).` : 'رفض الخادم الرفع.',
      advice: 'أعد المحاولة، أو أخبر من يدير هذا الخادم.',
    }),
  },

  note: {
    continued: (amount) => `استؤنف عند ${amount}.`,
    expired: 'لم يعد لدى الخادم ما أُرسل سابقًا، لذا بدأ من جديد.',
    different: 'ليس الملف المتوقف الذي يحمل هذا الاسم (الحجم أو التاريخ مختلف)، لذا فهذا رفع جديد.',
    sameName: 'سبق أن أرسل هذا المتصفح ملفًا بهذا الاسم. لا يُستبدل شيء: يضيف الخادم رقمًا إلى هذا.',
  },

  interrupted: {
    title: 'عمليات رفع متوقفة',
    how: 'اختر الملف نفسه أو أفلته مجددًا فيُستأنف رفعه من حيث توقف.',
    resumable: (n) =>
      plural(n, {
        one: 'يسأل المتصفح إن كان لهذه الصفحة أن تقرأ الملف مجددًا.',
        two: 'يسأل المتصفح إن كان لهذه الصفحة أن تقرأ الملفين مجددًا.',
        other: `يسأل المتصفح إن كان لهذه الصفحة أن تقرأ الملفات مجددًا (${n}).`,
      }),
    asking: 'يُسأل الخادم',
    stored: (amount) => `لدى الخادم ${amount}`,
    unbegun: 'لم يبدأ بعد',
    complete: 'مكتمل: كله لدى الخادم',
    gone: 'لم يعد لدى الخادم. اختيار الملف يبدأ رفعًا جديدًا',
    elsewhere: 'يُرفع في علامة تبويب أخرى',
    unreachable: 'تعذّر الوصول إلى الخادم. يُسأل مجددًا',
    changed: 'تغيّر الملف منذ ذلك. اختره لإرساله كما هو الآن',
    missing: 'لم يعد الملف في مكانه. اختره مجددًا للاستئناف',
    more: (n) => `و${files(n)} غيرها`,
    notDeleted: 'تعذّر على الخادم حذفه. حاول لاحقًا',
    delete: 'حذف',
    forget: 'نسيان',
  },

  history: {
    title: 'أُرسل من هذا المتصفح',
    count: files,
    asking: 'يُسأل الخادم',
    there: 'لدى الخادم',
    gone: 'لم يعد لدى الخادم: حُذف أو انتهت مدته',
    moved: 'نُقل من مكانه على الخادم',
    unreachable: 'تعذّر الوصول إلى الخادم',
    deleted: 'حُذف',
    undo: 'تراجع',
    more: 'عرض المزيد',
  },

  live: {
    added: (n, name) => (n === 1 ? `${apart(name)}: بدأ الرفع.` : `أُضيف ${files(n)}.`),
    done: (n, name) => (n === 1 ? `${apart(name)}: تم الرفع.` : `رُفع ${files(n)}.`),
    failed: (n, name) => (n === 1 ? `${apart(name)}: فشل.` : `فشل ${files(n)}.`),
    offline: 'غير متصل.',
    online: 'عاد الاتصال.',
  },

  title: (percent) => `${percent}٪ · Longhaul`,
  titleDone: 'تم · Longhaul',
}
