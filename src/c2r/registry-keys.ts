/** Keys below HKEY_LOCAL_MACHINE that tell about Click-to-Run; each is named with the page that publishes it. */

/** https://learn.microsoft.com/microsoft-365-apps/updates/change-update-channels */
export const configurationKey = 'SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration';

/** The same in the 32-bit view, where no known Office on 64-bit Windows writes it; confidence low. */
export const configurationKey32 = 'SOFTWARE\\WOW6432Node\\Microsoft\\Office\\ClickToRun\\Configuration';

/** Where Click-to-Run notes what it did last: LastScenario and LastScenarioResult, read by several field scripts. */
export const clickToRunKey = 'SOFTWARE\\Microsoft\\Office\\ClickToRun';

/** Where Click-to-Run keeps the update that it carries out; scripts of the field read LastUpdateError here. */
export const updateScenarioKey = 'SOFTWARE\\Microsoft\\Office\\ClickToRun\\Scenario\\UPDATE';

/** How each step of that update ended: TASKSTATE_COMPLETED, TASKSTATE_FAILED and the like. */
export const updateTasksKey = `${updateScenarioKey}\\TasksState`;

/** Where Click-to-Run notes what it has downloaded and when. */
export const updatesKey = 'SOFTWARE\\Microsoft\\Office\\ClickToRun\\Updates';

/** https://learn.microsoft.com/microsoft-365-apps/updates/manage-microsoft-365-apps-updates-configuration-manager */
export const policyKey = 'SOFTWARE\\Policies\\Microsoft\\office\\16.0\\Common\\officeupdate';

/** Where Cloud Update puts its own policy, which goes before every other. */
export const cloudPolicyKey = 'SOFTWARE\\Policies\\Microsoft\\cloud\\office\\16.0\\Common\\officeupdate';

/** There where a Configuration Manager client is installed. */
export const configurationManagerKey = 'SOFTWARE\\Microsoft\\CCM';

/** CLSID_UpdateNotifyObject2, and CLSID_UpdateNotifyObject that alone is there before 16.0.8208. */
export const updateNotifyClasses = [
  'SOFTWARE\\Classes\\CLSID\\{52C2F9C2-F1AC-4021-BF50-756A5FA8DDFE}',
  'SOFTWARE\\Classes\\CLSID\\{B7F1785F-D69B-46F1-92FC-D2DE9C994F13}',
] as const;

/** The value, in the policy key and in the configuration key, that turns management through COM on. */
export const managementValue = 'OfficeMgmtCOM';

/** The task that Office registers with Task Scheduler. https://learn.microsoft.com/microsoft-365-apps/updates/change-update-channels */
export const updateTaskFolder = '\\Microsoft\\Office';
export const updateTaskName = 'Office Automatic Updates 2.0';

/** The policy value, in the policy key, that names the channel. */
export const branchValue = 'UpdateBranch';

/** The policy value, in the policy key, that holds a device at a version. */
export const targetVersionValue = 'updatetargetversion';

/** The value, in the configuration key, that the Office Deployment Tool writes for TargetVersion. */
export const updateToVersionValue = 'UpdateToVersion';

/** Our own note about a pinned version, likewise. */
export const targetVersionKey = 'SOFTWARE\\c2r-bridge\\TargetVersion';

/** Our own note about a channel change: what to put back, and since when it waits. Administrators alone can write here. */
export const channelSwitchKey = 'SOFTWARE\\c2r-bridge\\ChannelSwitch';
