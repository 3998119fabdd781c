import { type ChannelName, channelNames } from '../contract/channels.js';

/**
 * A product with a volume licence for one version of Office, such as ProPlus2024Volume or VisioPro2021Volume, gets its updates
 * from the channel of that version alone. https://learn.microsoft.com/office/ltsc/2024/update
 */
const volumeProduct = /(2019|2021|2024)Volume$/i;

/** A product with a subscription, whose channel the others on the device follow. */
const subscriptionProduct = /^(O365|M365|Microsoft365)/i;

const isPerpetual = (channel: ChannelName) => channel.startsWith('PerpetualVL');

/** Why a channel is not one of the licence of the installed products; null where it is, or where they do not tell. */
export function licenceFault(products: readonly string[], channel: ChannelName): string | null {
  const subscription = products.find((product) => subscriptionProduct.test(product));
  if (subscription !== undefined) {
    return isPerpetual(channel)
      ? `${subscription} is a subscription, and ${channel} is for volume licences only.`
      : null;
  }
  const volume = products.find((product) => volumeProduct.test(product));
  const year = volumeProduct.exec(volume ?? '')?.[1];
  const own = channelNames.find((name) => name === `PerpetualVL${year}`);
  if (volume === undefined || own === undefined || channel === own) return null;
  return `${volume} has a volume licence and is updated from ${own} alone.`;
}
