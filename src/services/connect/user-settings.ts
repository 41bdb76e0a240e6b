import type { AfterContactWorkConfig, Channel, UserPhoneConfig } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { invalidParameter } from "./errors.ts";
import { type ChannelConfigs, channelConfigsOf } from "./users.ts";

/** 24 days (UserPhoneConfig). */
const AFTER_CONTACT_WORK_MAX_SECONDS = 2_000_000;

type PhoneConfig = Validated<UserPhoneConfig>;

/** The members of a phone configuration that say the same as a list per channel. */
const SAME_SETTING: readonly (readonly [keyof ChannelConfigs, readonly (keyof PhoneConfig)[]])[] = [
  ["AutoAcceptConfigs", ["AutoAccept"]],
  ["AfterContactWorkConfigs", ["AfterContactWorkTimeLimit"]],
  ["PhoneNumberConfigs", ["PhoneType", "DeskPhoneNumber"]],
  ["PersistentConnectionConfigs", ["PersistentConnection"]],
];

/** Lists of which "only VOICE is supported". */
const VOICE_ONLY = ["PhoneNumberConfigs", "PersistentConnectionConfigs", "VoiceEnhancementConfigs"] as const;

export function requirePhone(phone: PhoneConfig | undefined): void {
  requireAfterContactWork(phone);
  if (phone?.PhoneType === "DESK_PHONE" && phone.DeskPhoneNumber === undefined) {
    throw invalidParameter("A desk phone needs DeskPhoneNumber");
  }
}

export function requireChannelConfigs(configs: ChannelConfigs): void {
  for (const [name, list] of Object.entries(channelConfigsOf(configs))) requireChannelsOnce(name, list ?? []);
  for (const name of VOICE_ONLY) {
    if (configs[name]?.some(({ Channel }) => Channel !== "VOICE")) {
      throw invalidParameter(`${name} supports the channel VOICE only`);
    }
  }
  for (const config of configs.AfterContactWorkConfigs ?? []) {
    requireAfterContactWork(config.AfterContactWorkConfig);
    requireAfterContactWork(config.AgentFirstCallbackAfterContactWorkConfig);
    refuseAgentFirst(config.Channel, config.AgentFirstCallbackAfterContactWorkConfig);
  }
  for (const config of configs.AutoAcceptConfigs ?? []) {
    refuseAgentFirst(config.Channel, config.AgentFirstCallbackAutoAccept);
  }
  for (const { PhoneType, PhoneNumber } of configs.PhoneNumberConfigs ?? []) {
    if (PhoneType === "DESK_PHONE" && PhoneNumber === undefined) {
      throw invalidParameter("A desk phone needs PhoneNumber");
    }
  }
}

/** Throws where a request says a setting in both forms. */
export function refuseSameSettingTwice(phone: PhoneConfig | undefined, configs: ChannelConfigs): void {
  for (const [list, members] of SAME_SETTING) {
    const twice = configs[list] && members.find((member) => phone?.[member] !== undefined);
    if (twice) throw invalidParameter(`PhoneConfig.${twice} conflicts with ${list}`);
  }
}

/** A phone configuration without what lists per channel say now. */
export function withoutSettingsIn(configs: ChannelConfigs, phone: PhoneConfig | undefined): PhoneConfig | undefined {
  if (phone === undefined) return undefined;
  const replaced = new Set(SAME_SETTING.flatMap(([list, members]) => (configs[list] ? members : [])));
  return Object.fromEntries(Object.entries(phone).filter(([member]) => !replaced.has(member as keyof PhoneConfig)));
}

function requireChannelsOnce(name: string, list: readonly { readonly Channel: Channel }[]): void {
  const channels = list.map(({ Channel }) => Channel);
  if (new Set(channels).size < channels.length) throw invalidParameter(`${name} names a channel twice`);
}

function requireAfterContactWork(config: Validated<AfterContactWorkConfig> | undefined): void {
  if ((config?.AfterContactWorkTimeLimit ?? 0) > AFTER_CONTACT_WORK_MAX_SECONDS) {
    throw invalidParameter(`AfterContactWorkTimeLimit is at most ${AFTER_CONTACT_WORK_MAX_SECONDS} seconds`);
  }
}

function refuseAgentFirst(channel: Channel, setting: unknown): void {
  if (channel !== "VOICE" && setting !== undefined) {
    throw invalidParameter("Settings for agent-first callbacks apply to the channel VOICE only");
  }
}
