#!/usr/bin/env bash
# Of an Office image ASP.NET serves the cabinets and the catalogs, and of the streams it says 404: it does not know .dat.
#
# Versions:  .NET SDK 10.0, ASP.NET Core 10.0 (UseStaticFiles, UseFileServer).
# Guess:     a folder that is given out as static files is given out whole. A file of a type that nobody knows goes as
#            application/octet-stream, as nginx, Apache and lighttpd send it.
# Seen:      what is asked for first works: v64.cab, i640.cab, the .cat beside it, .xml, .json, even .exe and .msi. The streams,
#            which are nearly all of the bytes, are 404 with an empty body, as if they were not there; so are .ps1, .psm1, .psd1,
#            .nupkg, .intunewin and .hash. With directory browsing the list names the very files that are 404. HEAD and Range get
#            the same 404. ServeUnknownFileTypes, or a type for .dat, gives them out.
# So:        a 404 of a mirror does not say that the file is missing. Ask a mirror that runs on ASP.NET, or on IIS, which has such
#            a list too, for one file of each type before devices do.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
export HOME="$work" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
cd "$work"
case "$(dotnet --version)" in 10.0.*) ;; *) echo 'This finding is about .NET 10.' >&2; exit 1 ;; esac

mkdir -p image/Office/Data/16.0.1.1
for name in v64.cab 16.0.1.1/i640.cab 16.0.1.1/i640.cab.cat 16.0.1.1/stream.x64.x-none.dat; do
    echo content >"image/Office/Data/$name"
done
for type in xml json exe msi ps1 psm1 psd1 nupkg intunewin hash; do echo content >"image/file.$type"; done

cat >mirror.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
</Project>
XML
cat >Program.cs <<'CS'
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddDirectoryBrowser();
var app = builder.Build();
var files = new PhysicalFileProvider(Path.Combine(args[0]));
var typed = new FileExtensionContentTypeProvider();
typed.Mappings[".dat"] = "application/octet-stream";
app.UseFileServer(new FileServerOptions { FileProvider = files, RequestPath = "/plain", EnableDirectoryBrowsing = true });
app.UseStaticFiles(new StaticFileOptions { FileProvider = files, RequestPath = "/typed", ContentTypeProvider = typed });
app.UseStaticFiles(new StaticFileOptions { FileProvider = files, RequestPath = "/any", ServeUnknownFileTypes = true });
app.Start();
Console.WriteLine(app.Urls.First());
app.WaitForShutdown();
CS
timeout 150 dotnet build --configuration Release --output out >build.log 2>&1 || { cat build.log >&2; exit 1; }
timeout 120 dotnet out/mirror.dll "$work/image" >address 2>server.log &
server=$!
for _ in $(seq 150); do [ -s address ] && break; sleep 0.2; done
address=$(cat address)

status() { # path, more arguments of curl
    curl -s --max-time 20 -o body -w '%{http_code}, %{size_download} bytes' "${@:2}" "$address/$1"
}
stream=Office/Data/16.0.1.1/stream.x64.x-none.dat
{
    for name in Office/Data/v64.cab Office/Data/16.0.1.1/i640.cab Office/Data/16.0.1.1/i640.cab.cat "$stream"; do
        echo "$name: $(status "plain/$name")"
    done
    for type in xml json exe msi ps1 psm1 psd1 nupkg intunewin hash; do echo ".$type: $(status "plain/file.$type")"; done
    curl -s --max-time 20 "$address/plain/Office/Data/16.0.1.1/" -o list
    echo "listed: $(grep -o 'stream\.x64\.x-none\.dat' list | sort -u)"
    echo "HEAD: $(status "plain/$stream" --head)"
    echo "a part: $(status "plain/$stream" --range 0-3)"
    echo "with a type: $(status "typed/$stream"), part $(status "typed/$stream" --range 0-3)"
    echo "unknown types served: $(status "any/$stream")"
} | tee seen
cat >expected <<'TEXT'
Office/Data/v64.cab: 200, 8 bytes
Office/Data/16.0.1.1/i640.cab: 200, 8 bytes
Office/Data/16.0.1.1/i640.cab.cat: 200, 8 bytes
Office/Data/16.0.1.1/stream.x64.x-none.dat: 404, 0 bytes
.xml: 200, 8 bytes
.json: 200, 8 bytes
.exe: 200, 8 bytes
.msi: 200, 8 bytes
.ps1: 404, 0 bytes
.psm1: 404, 0 bytes
.psd1: 404, 0 bytes
.nupkg: 404, 0 bytes
.intunewin: 404, 0 bytes
.hash: 404, 0 bytes
listed: stream.x64.x-none.dat
HEAD: 404, 0 bytes
a part: 404, 0 bytes
with a type: 200, 8 bytes, part 206, 4 bytes
unknown types served: 200, 8 bytes
TEXT
diff expected seen
