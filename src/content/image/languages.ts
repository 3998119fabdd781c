import { compareVersions } from '../../base/version.js';

/**
 * The languages of Microsoft 365 Apps with their LCIDs, which the names of cabinets have where those of streams have the
 * culture. Those that Office can be shown in whole have an installer cabinet of their own.
 * https://learn.microsoft.com/microsoft-365-apps/deploy/overview-deploying-languages-microsoft-365-apps
 */
const whole = `ar-sa 1025 bg-bg 1026 cs-cz 1029 da-dk 1030 de-de 1031 el-gr 1032 en-gb 2057 en-us 1033 es-es 3082
  es-mx 2058 et-ee 1061 fi-fi 1035 fr-ca 3084 fr-fr 1036 he-il 1037 hi-in 1081 hr-hr 1050 hu-hu 1038 id-id 1057
  it-it 1040 ja-jp 1041 kk-kz 1087 ko-kr 1042 lt-lt 1063 lv-lv 1062 ms-my 1086 nb-no 1044 nl-nl 1043 pl-pl 1045
  pt-br 1046 pt-pt 2070 ro-ro 1048 ru-ru 1049 sk-sk 1051 sl-si 1060 sr-latn-rs 9242 sv-se 1053 th-th 1054 tr-tr 1055
  uk-ua 1058 vi-vn 1066 zh-cn 2052 zh-tw 1028`;
const partial = `af-za 1078 am-et 1118 as-in 1101 az-latn-az 1068 be-by 1059 bn-bd 2117 bn-in 1093 bs-latn-ba 5146
  ca-es 1027 ca-es-valencia 2051 cy-gb 1106 eu-es 1069 fa-ir 1065 fil-ph 1124 ga-ie 2108 gd-gb 1169 gl-es 1110
  gu-in 1095 ha-latn-ng 1128 hy-am 1067 ig-ng 1136 is-is 1039 ka-ge 1079 km-kh 1107 kn-in 1099 kok-in 1111 ky-kg 1088
  lb-lu 1134 mi-nz 1153 mk-mk 1071 ml-in 1100 mn-mn 1104 mr-in 1102 mt-mt 1082 ne-np 1121 nn-no 2068 nso-za 1132
  or-in 1096 pa-in 1094 prs-af 1164 ps-af 1123 quz-pe 3179 rm-ch 1047 rw-rw 1159 sd-arab-pk 2137 si-lk 1115 sq-al 1052
  sr-cyrl-ba 7194 sr-cyrl-rs 10266 sw-ke 1089 ta-in 1097 te-in 1098 tk-tm 1090 tn-za 1074 tt-ru 1092 ug-cn 1152
  ur-pk 1056 uz-latn-uz 1091 wo-sn 1160 xh-za 1076 yo-ng 1130 zu-za 1077`;

const pairs = (list: string) =>
  [...list.matchAll(/(\S+)\s+(\d+)/g)].map(([, culture = '', lcid = '']) => [culture, lcid] as const);
const lcids = new Map([...pairs(whole), ...pairs(partial)]);
const cultures = new Map([...lcids].map(([culture, lcid]) => [lcid, culture]));
const withInstaller = new Set(pairs(whole).map(([, lcid]) => lcid));

/** The LCID of a culture such as `en-us`, in any case; null for one that Office does not have. */
export function lcidOf(culture: string): string | null {
  return lcids.get(culture.toLowerCase()) ?? null;
}

/** The culture of an LCID; null for one that Office does not have. */
export function cultureOf(lcid: string): string | null {
  return cultures.get(lcid) ?? null;
}

/**
 * Whether a language has installer cabinets (`i64<lcid>.cab`) in a version: those that Office is only partly shown in have
 * none, and Office 2019 had none for three that were added later.
 */
export function hasInstaller(lcid: string, version: string): boolean {
  const isLate = ['en-gb', 'es-mx', 'fr-ca'].includes(cultureOf(lcid) ?? '');
  return withInstaller.has(lcid) && !(isLate && compareVersions(version, '16.0.14000.0') < 0);
}
