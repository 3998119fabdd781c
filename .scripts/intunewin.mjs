// Writes an .intunewin file, which Intune's Win32 apps take: a zip with the encrypted zip of the package and what decrypts it.
// Microsoft does not document the format. Layout and encryption are public knowledge:
// https://svrooij.io/2023/10/09/decrypting-intunewin-files/ and https://svrooij.io/2023/10/24/create-intunewin-file/
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { zip } from './zip.mjs';

const innerName = 'IntunePackage.intunewin';

/** What makes two packages of the same files differ; only a test gives its own. */
export function randomKeys() {
  return { encryptionKey: randomBytes(32), macKey: randomBytes(32), initializationVector: randomBytes(16) };
}

/** @typedef {ReturnType<typeof randomKeys>} Keys */

/**
 * The bytes of an .intunewin file with the given files (path → content). `setupFile` is the path of the program that installs;
 * Intune shows `name`.
 * @param {Readonly<Record<string, Buffer>>} files
 * @param {{ readonly name: string, readonly setupFile: string }} app
 * @param {Keys} keys
 */
export function intunewin(files, { name, setupFile }, keys = randomKeys()) {
  const content = zip(files);
  const { encrypted, mac } = encrypt(content, keys);
  const base64 = (bytes) => bytes.toString('base64');
  const detection = `<?xml version="1.0" encoding="utf-8"?>
<ApplicationInfo xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ToolVersion="1.8.6.0">
  <Name>${name}</Name>
  <UnencryptedContentSize>${content.length}</UnencryptedContentSize>
  <FileName>${innerName}</FileName>
  <SetupFile>${setupFile}</SetupFile>
  <EncryptionInfo>
    <EncryptionKey>${base64(keys.encryptionKey)}</EncryptionKey>
    <MacKey>${base64(keys.macKey)}</MacKey>
    <InitializationVector>${base64(keys.initializationVector)}</InitializationVector>
    <Mac>${base64(mac)}</Mac>
    <ProfileIdentifier>ProfileVersion1</ProfileIdentifier>
    <FileDigest>${base64(createHash('sha256').update(content).digest())}</FileDigest>
    <FileDigestAlgorithm>SHA256</FileDigestAlgorithm>
  </EncryptionInfo>
</ApplicationInfo>
`;
  return zip({
    [`IntuneWinPackage/Contents/${innerName}`]: encrypted,
    'IntuneWinPackage/Metadata/Detection.xml': Buffer.from(detection),
  });
}

/** HMAC-SHA256 of all that follows, the initialization vector, and AES-256-CBC of the content. */
function encrypt(content, { encryptionKey, macKey, initializationVector }) {
  const cipher = createCipheriv('aes-256-cbc', encryptionKey, initializationVector);
  const rest = Buffer.concat([initializationVector, cipher.update(content), cipher.final()]);
  const mac = createHmac('sha256', macKey).update(rest).digest();
  return { encrypted: Buffer.concat([mac, rest]), mac };
}
