/* SPDX-License-Identifier: Apache-2.0 */
/* zone.c - see zone.h. From the IANA time zone database 2026 (public domain), offsets of the
 * instant 1970-01-01 00:00 UTC; Africa/Monrovia's -00:44:30 is cut to whole minutes. Sorted without
 * regard to case. */
#include "protocol/zone.h"

#include <strings.h>

static const struct {
    const char *name;
    short minutes;
} zones[] = {
    /* clang-format off */
    {"Africa/Abidjan", 0}, {"Africa/Accra", 0}, {"Africa/Addis_Ababa", 180}, {"Africa/Algiers", 0},
    {"Africa/Asmara", 180}, {"Africa/Asmera", 180}, {"Africa/Bamako", 0}, {"Africa/Bangui", 60},
    {"Africa/Banjul", 0}, {"Africa/Bissau", -60}, {"Africa/Blantyre", 120},
    {"Africa/Brazzaville", 60}, {"Africa/Bujumbura", 120}, {"Africa/Cairo", 120},
    {"Africa/Casablanca", 0}, {"Africa/Ceuta", 0}, {"Africa/Conakry", 0}, {"Africa/Dakar", 0},
    {"Africa/Dar_es_Salaam", 180}, {"Africa/Djibouti", 180}, {"Africa/Douala", 60},
    {"Africa/El_Aaiun", -60}, {"Africa/Freetown", 0}, {"Africa/Gaborone", 120},
    {"Africa/Harare", 120}, {"Africa/Johannesburg", 120}, {"Africa/Juba", 120},
    {"Africa/Kampala", 180}, {"Africa/Khartoum", 120}, {"Africa/Kigali", 120},
    {"Africa/Kinshasa", 60}, {"Africa/Lagos", 60}, {"Africa/Libreville", 60}, {"Africa/Lome", 0},
    {"Africa/Luanda", 60}, {"Africa/Lubumbashi", 120}, {"Africa/Lusaka", 120},
    {"Africa/Malabo", 60}, {"Africa/Maputo", 120}, {"Africa/Maseru", 120}, {"Africa/Mbabane", 120},
    {"Africa/Mogadishu", 180}, {"Africa/Monrovia", -44}, {"Africa/Nairobi", 180},
    {"Africa/Ndjamena", 60}, {"Africa/Niamey", 60}, {"Africa/Nouakchott", 0},
    {"Africa/Ouagadougou", 0}, {"Africa/Porto-Novo", 60}, {"Africa/Sao_Tome", 0},
    {"Africa/Timbuktu", 0}, {"Africa/Tripoli", 120}, {"Africa/Tunis", 60}, {"Africa/Windhoek", 120},
    {"America/Adak", -660}, {"America/Anchorage", -600}, {"America/Anguilla", -240},
    {"America/Antigua", -240}, {"America/Araguaina", -180},
    {"America/Argentina/Buenos_Aires", -180}, {"America/Argentina/Catamarca", -180},
    {"America/Argentina/ComodRivadavia", -180}, {"America/Argentina/Cordoba", -180},
    {"America/Argentina/Jujuy", -180}, {"America/Argentina/La_Rioja", -180},
    {"America/Argentina/Mendoza", -180}, {"America/Argentina/Rio_Gallegos", -180},
    {"America/Argentina/Salta", -180}, {"America/Argentina/San_Juan", -180},
    {"America/Argentina/San_Luis", -180}, {"America/Argentina/Tucuman", -180},
    {"America/Argentina/Ushuaia", -180}, {"America/Aruba", -240}, {"America/Asuncion", -240},
    {"America/Atikokan", -300}, {"America/Atka", -660}, {"America/Bahia", -180},
    {"America/Bahia_Banderas", -420}, {"America/Barbados", -240}, {"America/Belem", -180},
    {"America/Belize", -360}, {"America/Blanc-Sablon", -240}, {"America/Boa_Vista", -240},
    {"America/Bogota", -300}, {"America/Boise", -420}, {"America/Buenos_Aires", -180},
    {"America/Cambridge_Bay", -420}, {"America/Campo_Grande", -240}, {"America/Cancun", -360},
    {"America/Caracas", -240}, {"America/Catamarca", -180}, {"America/Cayenne", -180},
    {"America/Cayman", -300}, {"America/Chicago", -360}, {"America/Chihuahua", -360},
    {"America/Ciudad_Juarez", -360}, {"America/Coral_Harbour", -300}, {"America/Cordoba", -180},
    {"America/Costa_Rica", -360}, {"America/Coyhaique", -180}, {"America/Creston", -420},
    {"America/Cuiaba", -240}, {"America/Curacao", -240}, {"America/Danmarkshavn", -180},
    {"America/Dawson", -540}, {"America/Dawson_Creek", -480}, {"America/Denver", -420},
    {"America/Detroit", -300}, {"America/Dominica", -240}, {"America/Edmonton", -420},
    {"America/Eirunepe", -300}, {"America/El_Salvador", -360}, {"America/Ensenada", -480},
    {"America/Fort_Nelson", -480}, {"America/Fort_Wayne", -300}, {"America/Fortaleza", -180},
    {"America/Glace_Bay", -240}, {"America/Godthab", -180}, {"America/Goose_Bay", -240},
    {"America/Grand_Turk", -300}, {"America/Grenada", -240}, {"America/Guadeloupe", -240},
    {"America/Guatemala", -360}, {"America/Guayaquil", -300}, {"America/Guyana", -225},
    {"America/Halifax", -240}, {"America/Havana", -300}, {"America/Hermosillo", -420},
    {"America/Indiana/Indianapolis", -300}, {"America/Indiana/Knox", -360},
    {"America/Indiana/Marengo", -300}, {"America/Indiana/Petersburg", -360},
    {"America/Indiana/Tell_City", -300}, {"America/Indiana/Vevay", -300},
    {"America/Indiana/Vincennes", -300}, {"America/Indiana/Winamac", -300},
    {"America/Indianapolis", -300}, {"America/Inuvik", -480}, {"America/Iqaluit", -300},
    {"America/Jamaica", -300}, {"America/Jujuy", -180}, {"America/Juneau", -480},
    {"America/Kentucky/Louisville", -300}, {"America/Kentucky/Monticello", -360},
    {"America/Knox_IN", -360}, {"America/Kralendijk", -240}, {"America/La_Paz", -240},
    {"America/Lima", -300}, {"America/Los_Angeles", -480}, {"America/Louisville", -300},
    {"America/Lower_Princes", -240}, {"America/Maceio", -180}, {"America/Managua", -360},
    {"America/Manaus", -240}, {"America/Marigot", -240}, {"America/Martinique", -240},
    {"America/Matamoros", -360}, {"America/Mazatlan", -420}, {"America/Mendoza", -180},
    {"America/Menominee", -300}, {"America/Merida", -360}, {"America/Metlakatla", -480},
    {"America/Mexico_City", -360}, {"America/Miquelon", -240}, {"America/Moncton", -240},
    {"America/Monterrey", -360}, {"America/Montevideo", -180}, {"America/Montreal", -300},
    {"America/Montserrat", -240}, {"America/Nassau", -300}, {"America/New_York", -300},
    {"America/Nipigon", -300}, {"America/Nome", -660}, {"America/Noronha", -120},
    {"America/North_Dakota/Beulah", -420}, {"America/North_Dakota/Center", -420},
    {"America/North_Dakota/New_Salem", -420}, {"America/Nuuk", -180}, {"America/Ojinaga", -360},
    {"America/Panama", -300}, {"America/Pangnirtung", -300}, {"America/Paramaribo", -210},
    {"America/Phoenix", -420}, {"America/Port-au-Prince", -300}, {"America/Port_of_Spain", -240},
    {"America/Porto_Acre", -300}, {"America/Porto_Velho", -240}, {"America/Puerto_Rico", -240},
    {"America/Punta_Arenas", -180}, {"America/Rainy_River", -360}, {"America/Rankin_Inlet", -360},
    {"America/Recife", -180}, {"America/Regina", -360}, {"America/Resolute", -360},
    {"America/Rio_Branco", -300}, {"America/Rosario", -180}, {"America/Santa_Isabel", -480},
    {"America/Santarem", -240}, {"America/Santiago", -180}, {"America/Santo_Domingo", -270},
    {"America/Sao_Paulo", -180}, {"America/Scoresbysund", -120}, {"America/Shiprock", -420},
    {"America/Sitka", -480}, {"America/St_Barthelemy", -240}, {"America/St_Johns", -210},
    {"America/St_Kitts", -240}, {"America/St_Lucia", -240}, {"America/St_Thomas", -240},
    {"America/St_Vincent", -240}, {"America/Swift_Current", -420}, {"America/Tegucigalpa", -360},
    {"America/Thule", -240}, {"America/Thunder_Bay", -300}, {"America/Tijuana", -480},
    {"America/Toronto", -300}, {"America/Tortola", -240}, {"America/Vancouver", -480},
    {"America/Virgin", -240}, {"America/Whitehorse", -480}, {"America/Winnipeg", -360},
    {"America/Yakutat", -540}, {"America/Yellowknife", -420}, {"Antarctica/Casey", 480},
    {"Antarctica/Davis", 420}, {"Antarctica/DumontDUrville", 600}, {"Antarctica/Macquarie", 660},
    {"Antarctica/Mawson", 360}, {"Antarctica/McMurdo", 720}, {"Antarctica/Palmer", -180},
    {"Antarctica/Rothera", 0}, {"Antarctica/South_Pole", 720}, {"Antarctica/Syowa", 180},
    {"Antarctica/Troll", 0}, {"Antarctica/Vostok", 420}, {"Arctic/Longyearbyen", 60},
    {"Asia/Aden", 180}, {"Asia/Almaty", 360}, {"Asia/Amman", 120}, {"Asia/Anadyr", 780},
    {"Asia/Aqtau", 300}, {"Asia/Aqtobe", 300}, {"Asia/Ashgabat", 300}, {"Asia/Ashkhabad", 300},
    {"Asia/Atyrau", 300}, {"Asia/Baghdad", 180}, {"Asia/Bahrain", 240}, {"Asia/Baku", 240},
    {"Asia/Bangkok", 420}, {"Asia/Barnaul", 420}, {"Asia/Beirut", 120}, {"Asia/Bishkek", 360},
    {"Asia/Brunei", 480}, {"Asia/Calcutta", 330}, {"Asia/Chita", 540}, {"Asia/Choibalsan", 420},
    {"Asia/Chongqing", 480}, {"Asia/Chungking", 480}, {"Asia/Colombo", 330}, {"Asia/Dacca", 360},
    {"Asia/Damascus", 120}, {"Asia/Dhaka", 360}, {"Asia/Dili", 540}, {"Asia/Dubai", 240},
    {"Asia/Dushanbe", 360}, {"Asia/Famagusta", 120}, {"Asia/Gaza", 120}, {"Asia/Harbin", 480},
    {"Asia/Hebron", 120}, {"Asia/Ho_Chi_Minh", 480}, {"Asia/Hong_Kong", 480}, {"Asia/Hovd", 360},
    {"Asia/Irkutsk", 480}, {"Asia/Istanbul", 120}, {"Asia/Jakarta", 420}, {"Asia/Jayapura", 540},
    {"Asia/Jerusalem", 120}, {"Asia/Kabul", 270}, {"Asia/Kamchatka", 720}, {"Asia/Karachi", 300},
    {"Asia/Kashgar", 360}, {"Asia/Kathmandu", 330}, {"Asia/Katmandu", 330}, {"Asia/Khandyga", 540},
    {"Asia/Kolkata", 330}, {"Asia/Krasnoyarsk", 420}, {"Asia/Kuala_Lumpur", 450},
    {"Asia/Kuching", 480}, {"Asia/Kuwait", 180}, {"Asia/Macao", 480}, {"Asia/Macau", 480},
    {"Asia/Magadan", 660}, {"Asia/Makassar", 480}, {"Asia/Manila", 480}, {"Asia/Muscat", 240},
    {"Asia/Nicosia", 120}, {"Asia/Novokuznetsk", 420}, {"Asia/Novosibirsk", 420},
    {"Asia/Omsk", 360}, {"Asia/Oral", 300}, {"Asia/Phnom_Penh", 420}, {"Asia/Pontianak", 480},
    {"Asia/Pyongyang", 540}, {"Asia/Qatar", 240}, {"Asia/Qostanay", 300}, {"Asia/Qyzylorda", 300},
    {"Asia/Rangoon", 390}, {"Asia/Riyadh", 180}, {"Asia/Saigon", 480}, {"Asia/Sakhalin", 660},
    {"Asia/Samarkand", 300}, {"Asia/Seoul", 540}, {"Asia/Shanghai", 480}, {"Asia/Singapore", 450},
    {"Asia/Srednekolymsk", 660}, {"Asia/Taipei", 480}, {"Asia/Tashkent", 360},
    {"Asia/Tbilisi", 240}, {"Asia/Tehran", 210}, {"Asia/Tel_Aviv", 120}, {"Asia/Thimbu", 330},
    {"Asia/Thimphu", 330}, {"Asia/Tokyo", 540}, {"Asia/Tomsk", 420}, {"Asia/Ujung_Pandang", 480},
    {"Asia/Ulaanbaatar", 420}, {"Asia/Ulan_Bator", 420}, {"Asia/Urumqi", 360},
    {"Asia/Ust-Nera", 540}, {"Asia/Vientiane", 420}, {"Asia/Vladivostok", 600},
    {"Asia/Yakutsk", 540}, {"Asia/Yangon", 390}, {"Asia/Yekaterinburg", 300}, {"Asia/Yerevan", 240},
    {"Atlantic/Azores", -60}, {"Atlantic/Bermuda", -240}, {"Atlantic/Canary", 0},
    {"Atlantic/Cape_Verde", -120}, {"Atlantic/Faeroe", 0}, {"Atlantic/Faroe", 0},
    {"Atlantic/Jan_Mayen", 60}, {"Atlantic/Madeira", 0}, {"Atlantic/Reykjavik", 0},
    {"Atlantic/South_Georgia", -120}, {"Atlantic/St_Helena", 0}, {"Atlantic/Stanley", -240},
    {"Australia/ACT", 600}, {"Australia/Adelaide", 570}, {"Australia/Brisbane", 600},
    {"Australia/Broken_Hill", 570}, {"Australia/Canberra", 600}, {"Australia/Currie", 660},
    {"Australia/Darwin", 570}, {"Australia/Eucla", 525}, {"Australia/Hobart", 660},
    {"Australia/LHI", 600}, {"Australia/Lindeman", 600}, {"Australia/Lord_Howe", 600},
    {"Australia/Melbourne", 600}, {"Australia/North", 570}, {"Australia/NSW", 600},
    {"Australia/Perth", 480}, {"Australia/Queensland", 600}, {"Australia/South", 570},
    {"Australia/Sydney", 600}, {"Australia/Tasmania", 660}, {"Australia/Victoria", 600},
    {"Australia/West", 480}, {"Australia/Yancowinna", 570}, {"Brazil/Acre", -300},
    {"Brazil/DeNoronha", -120}, {"Brazil/East", -180}, {"Brazil/West", -240},
    {"Canada/Atlantic", -240}, {"Canada/Central", -360}, {"Canada/Eastern", -300},
    {"Canada/Mountain", -420}, {"Canada/Newfoundland", -210}, {"Canada/Pacific", -480},
    {"Canada/Saskatchewan", -360}, {"Canada/Yukon", -480}, {"CET", 60}, {"Chile/Continental", -180},
    {"Chile/EasterIsland", -360}, {"CST6CDT", -360}, {"Cuba", -300}, {"EET", 120}, {"Egypt", 120},
    {"Eire", 60}, {"EST", -300}, {"EST5EDT", -300}, {"Etc/GMT", 0}, {"Etc/GMT+0", 0},
    {"Etc/GMT+1", -60}, {"Etc/GMT+10", -600}, {"Etc/GMT+11", -660}, {"Etc/GMT+12", -720},
    {"Etc/GMT+2", -120}, {"Etc/GMT+3", -180}, {"Etc/GMT+4", -240}, {"Etc/GMT+5", -300},
    {"Etc/GMT+6", -360}, {"Etc/GMT+7", -420}, {"Etc/GMT+8", -480}, {"Etc/GMT+9", -540},
    {"Etc/GMT-0", 0}, {"Etc/GMT-1", 60}, {"Etc/GMT-10", 600}, {"Etc/GMT-11", 660},
    {"Etc/GMT-12", 720}, {"Etc/GMT-13", 780}, {"Etc/GMT-14", 840}, {"Etc/GMT-2", 120},
    {"Etc/GMT-3", 180}, {"Etc/GMT-4", 240}, {"Etc/GMT-5", 300}, {"Etc/GMT-6", 360},
    {"Etc/GMT-7", 420}, {"Etc/GMT-8", 480}, {"Etc/GMT-9", 540}, {"Etc/GMT0", 0},
    {"Etc/Greenwich", 0}, {"Etc/UCT", 0}, {"Etc/Universal", 0}, {"Etc/UTC", 0}, {"Etc/Zulu", 0},
    {"Europe/Amsterdam", 60}, {"Europe/Andorra", 60}, {"Europe/Astrakhan", 240},
    {"Europe/Athens", 120}, {"Europe/Belfast", 60}, {"Europe/Belgrade", 60}, {"Europe/Berlin", 60},
    {"Europe/Bratislava", 60}, {"Europe/Brussels", 60}, {"Europe/Bucharest", 120},
    {"Europe/Budapest", 60}, {"Europe/Busingen", 60}, {"Europe/Chisinau", 180},
    {"Europe/Copenhagen", 60}, {"Europe/Dublin", 60}, {"Europe/Gibraltar", 60},
    {"Europe/Guernsey", 60}, {"Europe/Helsinki", 120}, {"Europe/Isle_of_Man", 60},
    {"Europe/Istanbul", 120}, {"Europe/Jersey", 60}, {"Europe/Kaliningrad", 180},
    {"Europe/Kiev", 180}, {"Europe/Kirov", 240}, {"Europe/Kyiv", 180}, {"Europe/Lisbon", 60},
    {"Europe/Ljubljana", 60}, {"Europe/London", 60}, {"Europe/Luxembourg", 60},
    {"Europe/Madrid", 60}, {"Europe/Malta", 60}, {"Europe/Mariehamn", 120}, {"Europe/Minsk", 180},
    {"Europe/Monaco", 60}, {"Europe/Moscow", 180}, {"Europe/Nicosia", 120}, {"Europe/Oslo", 60},
    {"Europe/Paris", 60}, {"Europe/Podgorica", 60}, {"Europe/Prague", 60}, {"Europe/Riga", 180},
    {"Europe/Rome", 60}, {"Europe/Samara", 240}, {"Europe/San_Marino", 60}, {"Europe/Sarajevo", 60},
    {"Europe/Saratov", 240}, {"Europe/Simferopol", 180}, {"Europe/Skopje", 60},
    {"Europe/Sofia", 120}, {"Europe/Stockholm", 60}, {"Europe/Tallinn", 180}, {"Europe/Tirane", 60},
    {"Europe/Tiraspol", 180}, {"Europe/Ulyanovsk", 240}, {"Europe/Uzhgorod", 180},
    {"Europe/Vaduz", 60}, {"Europe/Vatican", 60}, {"Europe/Vienna", 60}, {"Europe/Vilnius", 180},
    {"Europe/Volgograd", 240}, {"Europe/Warsaw", 60}, {"Europe/Zagreb", 60},
    {"Europe/Zaporozhye", 180}, {"Europe/Zurich", 60}, {"GB", 60}, {"GB-Eire", 60}, {"GMT", 0},
    {"GMT+0", 0}, {"GMT-0", 0}, {"GMT0", 0}, {"Greenwich", 0}, {"Hongkong", 480}, {"HST", -600},
    {"Iceland", 0}, {"Indian/Antananarivo", 180}, {"Indian/Chagos", 300}, {"Indian/Christmas", 420},
    {"Indian/Cocos", 390}, {"Indian/Comoro", 180}, {"Indian/Kerguelen", 300}, {"Indian/Mahe", 240},
    {"Indian/Maldives", 300}, {"Indian/Mauritius", 240}, {"Indian/Mayotte", 180},
    {"Indian/Reunion", 240}, {"Iran", 210}, {"Israel", 120}, {"Jamaica", -300}, {"Japan", 540},
    {"Kwajalein", -720}, {"Libya", 120}, {"MET", 60}, {"Mexico/BajaNorte", -480},
    {"Mexico/BajaSur", -420}, {"Mexico/General", -360}, {"MST", -420}, {"MST7MDT", -420},
    {"Navajo", -420}, {"NZ", 720}, {"NZ-CHAT", 765}, {"Pacific/Apia", -660},
    {"Pacific/Auckland", 720}, {"Pacific/Bougainville", 600}, {"Pacific/Chatham", 765},
    {"Pacific/Chuuk", 600}, {"Pacific/Easter", -360}, {"Pacific/Efate", 660},
    {"Pacific/Enderbury", -720}, {"Pacific/Fakaofo", -660}, {"Pacific/Fiji", 720},
    {"Pacific/Funafuti", 720}, {"Pacific/Galapagos", -300}, {"Pacific/Gambier", -540},
    {"Pacific/Guadalcanal", 660}, {"Pacific/Guam", 600}, {"Pacific/Honolulu", -600},
    {"Pacific/Johnston", -600}, {"Pacific/Kanton", -720}, {"Pacific/Kiritimati", -640},
    {"Pacific/Kosrae", 720}, {"Pacific/Kwajalein", -720}, {"Pacific/Majuro", 720},
    {"Pacific/Marquesas", -570}, {"Pacific/Midway", -660}, {"Pacific/Nauru", 690},
    {"Pacific/Niue", -660}, {"Pacific/Norfolk", 690}, {"Pacific/Noumea", 660},
    {"Pacific/Pago_Pago", -660}, {"Pacific/Palau", 540}, {"Pacific/Pitcairn", -510},
    {"Pacific/Pohnpei", 660}, {"Pacific/Ponape", 660}, {"Pacific/Port_Moresby", 600},
    {"Pacific/Rarotonga", -630}, {"Pacific/Saipan", 600}, {"Pacific/Samoa", -660},
    {"Pacific/Tahiti", -600}, {"Pacific/Tarawa", 720}, {"Pacific/Tongatapu", 780},
    {"Pacific/Truk", 600}, {"Pacific/Wake", 720}, {"Pacific/Wallis", 720}, {"Pacific/Yap", 600},
    {"Poland", 60}, {"Portugal", 60}, {"PRC", 480}, {"PST8PDT", -480}, {"ROC", 480}, {"ROK", 540},
    {"Singapore", 450}, {"Turkey", 120}, {"UCT", 0}, {"Universal", 0}, {"US/Alaska", -600},
    {"US/Aleutian", -660}, {"US/Arizona", -420}, {"US/Central", -360}, {"US/East-Indiana", -300},
    {"US/Eastern", -300}, {"US/Hawaii", -600}, {"US/Indiana-Starke", -360}, {"US/Michigan", -300},
    {"US/Mountain", -420}, {"US/Pacific", -480}, {"US/Samoa", -660}, {"UTC", 0}, {"W-SU", 180},
    {"WET", 0}, {"Z", 0}, {"Zulu", 0},
    /* clang-format on */
};

/* Order of `name` and the C string `zone`, without case. */
static int compare(struct str name, const char *zone)
{
    size_t n = strlen(zone);
    int order = strncasecmp(name.p, zone, name.n < n ? name.n : n);

    return order != 0 ? order : name.n < n ? -1 : name.n > n;
}

bool zone_epoch_offset(struct str name, int *minutes)
{
    size_t lo = 0, hi = ARRAY_LEN(zones);

    while (name.n > 0 && lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = compare(name, zones[mid].name);

        if (order == 0) {
            *minutes = zones[mid].minutes;
            return true;
        }
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return false;
}
