/** Keys below HKEY_LOCAL_MACHINE that tell about Click-to-Run; each is named with the page that publishes it. */

/** https://learn.microsoft.com/microsoft-365-apps/updates/change-update-channels */
export const configurationKey = 'SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration';

/** Where Click-to-Run notes what it has downloaded and when. */
export const updatesKey = 'SOFTWARE\\Microsoft\\Office\\ClickToRun\\Updates';

/** https://learn.microsoft.com/microsoft-365-apps/updates/manage-microsoft-365-apps-updates-configuration-manager */
export const policyKey = 'SOFTWARE\\Policies\\Microsoft\\office\\16.0\\Common\\officeupdate';

/** Where Cloud Update puts its own policy, which goes before every other. */
export const cloudPolicyKey = 'SOFTWARE\\Policies\\Microsoft\\cloud\\office\\16.0\\Common\\officeupdate';

/** CLSID_UpdateNotifyObject2, and CLSID_UpdateNotifyObject that alone is there before 16.0.8208. */
export const updateNotifyClasses = [
  'SOFTWARE\\Classes\\CLSID\\{52C2F9C2-F1AC-4021-BF50-756A5FA8DDFE}',
  'SOFTWARE\\Classes\\CLSID\\{B7F1785F-D69B-46F1-92FC-D2DE9C994F13}',
] as const;

/** The value, in the policy key and in the configuration key, that turns management through COM on. */
export const managementValue = 'OfficeMgmtCOM';

/** The policy value, in the policy key, that names the channel. */
export const branchValue = 'UpdateBranch';

/** Our own note about a channel change: what to put back, and since when it waits. Administrators alone can write here. */
export const channelSwitchKey = 'SOFTWARE\\c2r-bridge\\ChannelSwitch';
