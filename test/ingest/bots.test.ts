import { expect, test } from "vitest";
import { isBot } from "../../worker/ingest/edge-facts.ts";

const apple = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const webKit = "AppleWebKit/537.36 (KHTML, like Gecko)";
const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1_1 like Mac OS X)";
const android = "Mozilla/5.0 (Linux; Android 14; SM-S918B)";

/** User agents as these browsers send them, by what they are. */
const browsers: Record<string, string> = {
  "Chrome on Windows": `${windows} ${webKit} Chrome/131.0.0.0 Safari/537.36`,
  "Chrome on macOS": `${mac} ${webKit} Chrome/131.0.0.0 Safari/537.36`,
  "Chrome on Linux": `Mozilla/5.0 (X11; Linux x86_64) ${webKit} Chrome/131.0.0.0 Safari/537.36`,
  "Chrome on ChromeOS": `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${webKit} Chrome/131.0.0.0 Safari/537.36`,
  "Chrome on Android": `Mozilla/5.0 (Linux; Android 10; K) ${webKit} Chrome/131.0.0.0 Mobile Safari/537.36`,
  "Chrome on iOS": `${iPhone} ${apple} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1`,
  "Edge on Windows": `${windows} ${webKit} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51`,
  "Edge on Android": `Mozilla/5.0 (Linux; Android 10; HD1913) ${webKit} Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.2903.48`,
  "Edge on iOS": `${iPhone} ${apple} Version/18.0 EdgiOS/131.2903.52 Mobile/15E148 Safari/605.1.15`,
  "Firefox on Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0",
  "Firefox on Linux": "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
  "Firefox on Android": "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0",
  "Firefox on iOS": `${iPhone} ${apple} FxiOS/133.0 Mobile/15E148 Safari/605.1.15`,
  "Firefox Focus on Android": `${android} ${webKit} Version/4.0 Focus/8.27.0 Chrome/131.0.0.0 Mobile Safari/537.36`,
  "Safari on macOS": `${mac} ${apple} Version/18.1.1 Safari/605.1.15`,
  "Safari on iPhone": `${iPhone} ${apple} Version/18.1.1 Mobile/15E148 Safari/604.1`,
  "Safari on iPad": `Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) ${apple} Version/17.7 Mobile/15E148 Safari/604.1`,
  "Samsung Internet": `${android} ${webKit} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36`,
  "Samsung Internet on a TV": `Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) ${webKit} 94.0.4606.31/7.0 TV Safari/537.36`,
  Opera: `${windows} ${webKit} Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0`,
  "Opera Mini": "Opera/9.80 (Android; Opera Mini/36.2.2254/191.303; U; en) Presto/2.12.423 Version/12.16",
  Vivaldi: `${windows} ${webKit} Chrome/130.0.0.0 Safari/537.36 Vivaldi/7.0.3495.11`,
  Yandex: `${windows} ${webKit} Chrome/128.0.0.0 YaBrowser/24.10.0.0 Safari/537.36`,
  "UC Browser": `Mozilla/5.0 (Linux; U; Android 13; en-US; RMX3085) ${webKit} Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.7.2.1636 Mobile Safari/537.36`,
  "MIUI Browser": `Mozilla/5.0 (Linux; U; Android 13; en-us; 2201117TG) ${webKit} Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.22.0-gn`,
  "Huawei Browser": `Mozilla/5.0 (Linux; Android 12; NOH-NX9) ${webKit} Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36`,
  "DuckDuckGo on iOS": `${iPhone} ${apple} Version/18.1 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15`,
  "DuckDuckGo on Android": `${android} ${webKit} Version/4.0 Chrome/131.0.0.0 Mobile DuckDuckGo/5 Safari/537.36`,
  "Brave on iOS": `${iPhone} ${apple} Version/18.1 Brave/1 Mobile/15E148 Safari/604.1`,
  "Silk on Fire": `Mozilla/5.0 (Linux; Android 11; KFTRWI) ${webKit} Silk/128.6.2 like Chrome/128.0.6613.187 Safari/537.36`,
  "Google app on iOS": `${iPhone} ${apple} GSA/343.0.695551749 Mobile/15E148 Safari/604.1`,
  "Facebook on iOS": `${iPhone} ${apple} Mobile/22B91 [FBAN/FBIOS;FBAV/490.0.0.35.107;FBBV/666;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS;FBSV/18.1.1;FBSS/3;FBCR/;FBID/phone;FBLC/en_US;FBOP/5]`,
  "Facebook on Android": `Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) ${webKit} Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/491.0.0.57.77;IABMV/1;]`,
  "Messenger on iOS": `${iPhone} ${apple} Mobile/22B91 [FBAN/MessengerForiOS;FBAV/485.0.0.43.106;FBBV/665;FBDV/iPhone15,3;FBLC/en_US]`,
  "Instagram on iOS": `${iPhone} ${apple} Mobile/22B91 Instagram 359.0.0.28.85 (iPhone15,3; iOS 18_1_1; en_US; en; scale=3.00; 1290x2796; 666; IABMV/1)`,
  "Instagram on Android": `Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) ${webKit} Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36 Instagram 358.0.0.51.97 Android (34/14; 450dpi; 1080x2125; samsung; SM-S918B; dm3q; qcom; en_GB; 666)`,
  "Line on iOS": `${iPhone} ${apple} Mobile/15E148 Safari Line/14.18.1`,
  "Line on Android": `Mozilla/5.0 (Linux; Android 14; SO-51D; wv) ${webKit} Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36 Line/14.19.1/IAB`,
  "TikTok on Android": `Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A.220624.014; wv) ${webKit} Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36 musical_ly_2023706030 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly app_version/37.6.3 ByteLocale/en ByteFullLocale/en Region/GB BytedanceWebview/d8a21c6`,
  "WeChat on iOS": `${iPhone} ${apple} Mobile/15E148 MicroMessenger/8.0.54(0x18003632) NetType/WIFI Language/zh_CN`,
  "KakaoTalk on Android": `Mozilla/5.0 (Linux; Android 14; SM-S918N; wv) ${webKit} Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36;KAKAOTALK 2410900`,
  "Naver on iOS": `${iPhone} ${apple} Version/18.1 Mobile/15E148 Safari/604.1 NAVER(inapp; search; 2010; 12.9.1; 15PRO)`,
  "Snapchat on iOS": `${iPhone} ${apple} Mobile/15E148 Snapchat/13.16.1.45 (like Safari/8620.1.16.10.10, panda)`,
  "Pinterest on iOS": `${iPhone} ${apple} Mobile/22B91 [Pinterest/iOS]`,
  "Pinterest on Android": `Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) ${webKit} Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36 [Pinterest/Android]`,
  "LinkedIn on iOS": `${iPhone} ${apple} Mobile/15E148 [LinkedInApp]/9.30.8061`,
  "Twitter on iOS": `${iPhone} ${apple} Version/18.0 Mobile/22B91 Safari/604.1 Twitter for iPhone/10.68`,
  "Slack's in-app browser": `${android} ${webKit} Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36 Slack/24.11.20`,
  "a WebView on Android": `Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A.230805.001; wv) ${webKit} Version/4.0 Chrome/131.0.6778.81 Mobile Safari/537.36`,
  "a web view on iOS": `${iPhone} ${apple} Mobile/15E148`,
  "a home-screen app on iOS": `${iPhone} ${apple} Version/18.1 Mobile/15E148`,
  "LG webOS": `Mozilla/5.0 (Web0S; Linux/SmartTV) ${webKit} Chrome/108.0.5359.211 Safari/537.36 WebAppManager`,
  "LG NetCast":
    "Mozilla/5.0 (Unknown; Linux armv7l) AppleWebKit/537.1+ (KHTML, like Gecko) Safari/537.1+ LG Browser/6.00.00(+mouse+3D+SCREEN+TUNER; LGE; 42LA660S-ZA; 04.25.05; 0x00000001;); LG NetCast.TV-2013",
  "Sony Bravia": `Mozilla/5.0 (Linux; Android 10; BRAVIA 4K UR2 Build/PTT1.190515.001.S104) ${webKit} Chrome/102.0.5005.125 Safari/537.36`,
  "Android TV with HbbTV": `Mozilla/5.0 (Linux; Andr0id 9; BRAVIA 4K UR2) ${webKit} Chrome/88.0.4324.152 Safari/537.36 OPR/46.0.2207.0 OMI/4.21 HbbTV/1.5.1 (; Sony; BRAVIA; 1.0; ;)`,
  Chromecast: `Mozilla/5.0 (X11; Linux armv7l) ${webKit} Chrome/92.0.4515.0 Safari/537.36 CrKey/1.56.500000`,
  "Fire TV": `Mozilla/5.0 (Linux; Android 9; AFTMM Build/PS7646) ${webKit} Silk/128.6.2 like Chrome/128.0.6613.187 Safari/537.36`,
  Roku: `Mozilla/5.0 (Roku/DVP-12.0 (12.0.0.4182-88)) ${webKit} Chrome/90.0.4430.0 Safari/537.36`,
  "PlayStation 5": `Mozilla/5.0 (PlayStation; PlayStation 5/9.00) ${apple} Version/16.0 Safari/605.1.15`,
  "PlayStation 4": `Mozilla/5.0 (PlayStation 4 11.00) ${apple}`,
  "Xbox Series X": `Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) ${webKit} Chrome/131.0.0.0 Safari/537.36 Edge/44.18363.8131`,
  "Nintendo Switch":
    "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.2.21.3 NintendoBrowser/5.1.0.22474",
  "Meta Quest": `Mozilla/5.0 (X11; Linux x86_64; Quest 3) ${webKit} OculusBrowser/35.2.0.0.0 Chrome/126.0.0.0 VR Safari/537.36`,
  Tesla: `Mozilla/5.0 (X11; GNU/Linux) ${webKit} Chromium/109.0.5414.119 Chrome/109.0.5414.119 Safari/537.36 Tesla/2024.38.7-fb2d1`,
  Electron: `${mac} ${webKit} our-app/1.4.2 Chrome/130.0.6723.118 Electron/33.2.0 Safari/537.36`,
  "Teams' WebView2": `${windows} ${webKit} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51 Teams/24295.605.3225.8804`,
  "Discord on Windows": `${windows} ${webKit} discord/1.0.9171 Chrome/128.0.6613.36 Electron/32.0.0 Safari/537.36`,
  "WKWebView of Tauri": `${mac} ${apple}`,
  "Internet Explorer 11": "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
  KaiOS: "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
  "a Cubot phone": `Mozilla/5.0 (Linux; Android 11; CUBOT_NOTE 20 PRO) ${webKit} Chrome/131.0.0.0 Mobile Safari/537.36`,
  "a Cubot phone with a space": `Mozilla/5.0 (Linux; Android 12; CUBOT P60 Build/SP1A.210812.016; wv) ${webKit} Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36`,
  "iOS app by NSURLSession": "OurApp/42 CFNetwork/1568.200.51 Darwin/24.1.0",
  "Android app by OkHttp": "okhttp/4.12.0",
  "no user agent": "",
};

/** Crawlers, monitors and previews that run pages or pose as browsers. */
const bots = [
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) ${webKit} Chrome/131.0.6778.69 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
  `Mozilla/5.0 ${webKit} (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36`,
  `${mac} ${apple} Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)`,
  "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
  `Mozilla/5.0 ${webKit}; compatible; GPTBot/1.2; +https://openai.com/gptbot)`,
  "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
  "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
  `${windows} ${webKit} Chrome/131.0.0.0 Safari/537.36 PingdomPageSpeed/1.0 (pingbot/2.0; +http://www.pingdom.com/)`,
  `Mozilla/5.0 (Linux; Android 11; moto g power (2022)) ${webKit} Chrome/131.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse`,
  "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
];

/** People whom the guess takes for bots, as docs/server.md lists them. When one is found no more, the list gets shorter. */
const knownMisses: Record<string, string> = {
  "Sogou Mobile Browser": `${android} ${webKit} Chrome/90.0.4430.210 Mobile Safari/537.36 SogouMSE,SogouMobileBrowser/5.27.8`,
  "Sogou Search": `${android} ${webKit} Version/4.0 Chrome/90.0.4430.210 Mobile Safari/537.36 SogouSearch Android1.0 version3.0 AppVersion/7930`,
  "an app that adds an address": `${android} ${webKit} Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36 OurShop/3.1 (+https://shop.example)`,
  "an app called a news reader": `${iPhone} ${apple} Mobile/15E148 SmartNews/24.9.0`,
  "an app called a scanner": `${android} ${webKit} Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36 QRScanner/2.0`,
};

test("the people whom the guess misses are those that are documented", () => {
  expect(Object.values(knownMisses).filter((userAgent) => !isBot(userAgent))).toEqual([]);
});

test("people in real browsers, apps, televisions and consoles are no bots", () => {
  const misses = Object.keys(browsers).filter((name) => isBot(browsers[name] as string));
  expect(misses).toEqual([]);
});

test("crawlers and monitors that pose as browsers are", () => {
  expect(bots.filter((userAgent) => !isBot(userAgent))).toEqual([]);
});
