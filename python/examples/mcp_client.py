"""The tools of an MCP server, asked for with the account's token:

python mcp_client.py service_token.json https://mcp.example.com/mcp
"""

import asyncio
import sys
from urllib.parse import urljoin

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

import ims


async def main(credentials: str, url: str) -> None:
    # The token goes to the server's origin only; after a 401, a request is sent once more with a new token.
    auth = ims.Httpx2Auth(ims.Client.from_file(credentials, cache="file:"), origin=urljoin(url, "/"))
    async with httpx2.AsyncClient(auth=auth, timeout=30) as http:
        async with Client(streamable_http_client(url, http_client=http)) as mcp:
            for tool in (await mcp.list_tools()).tools:
                print(tool.name, tool.description)


asyncio.run(main(*sys.argv[1:]))
