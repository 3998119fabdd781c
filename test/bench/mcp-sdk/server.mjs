// A peer in the benches: the MCP TypeScript SDK's server over stdio, as its documentation shows it. It is copied beside the
// SDK in .cache, which test/bench/peers.mjs installs.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import * as z from 'zod';

const server = new McpServer({ name: 'bench', version: '1.0.0' });
server.registerTool('echo', { inputSchema: { value: z.string() } }, async ({ value }) => ({
  content: [{ type: 'text', text: value }],
}));
// The SDK waits for 'drain' once a reply, which Node takes for a leak in a burst.
process.stdout.setMaxListeners(0);
await server.connect(new StdioServerTransport());
process.stdin.on('end', () => process.exit(0));
