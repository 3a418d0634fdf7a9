import { property } from '../json.ts';
import type { GrpcApi } from '../login.ts';
import { textOf } from '../normalise.ts';

/**
 * The public API of 23.03 and later, with the field numbers of the fact sheet (7.3) and the names of REST, which mirrors
 * it. Only what is read or written, and of which the sheet tells the kind, is here: what else comes is passed over.
 * `optional`: a 0 that is not on the wire means "not given", as older builds lack the field.
 */
const V1 = `syntax = "proto3";
package braiins.bos.v1;

message Empty {}
message GigaHashrate { double gigahash_per_second = 1; }
message MegaHashrate { double megahash_per_second = 1; }
message Frequency { double hertz = 1; }
message Voltage { double volt = 1; }
message Temperature { double degree_c = 1; }
message Power { uint64 watt = 1; }
message PowerEfficiency { double joule_per_terahash = 1; }
message UInt32Value { uint32 value = 1; }

message LoginRequest { string username = 1; string password = 2; }
message LoginResponse { string token = 1; uint32 timeout_s = 2; }

message MinerIdentity { int32 brand = 1; string name = 3; string miner_model = 4; }
message BosVersion { string current = 1; string major = 2; bool bos_plus = 3; }
message Details {
  string uid = 1;
  MinerIdentity miner_identity = 2;
  BosVersion bos_version = 5;
  string hostname = 6;
  string mac_address = 7;
  GigaHashrate sticker_hashrate = 9;
  optional uint64 bosminer_uptime_s = 10;
  optional uint64 system_uptime_s = 11;
  int32 status = 12;
  string serial_number = 16;
}

message RealHashrate {
  GigaHashrate last_5s = 1;
  GigaHashrate last_15s = 2;
  GigaHashrate last_30s = 3;
  GigaHashrate last_1m = 4;
  GigaHashrate last_5m = 5;
  GigaHashrate last_15m = 6;
  GigaHashrate last_30m = 7;
  GigaHashrate last_1h = 8;
  GigaHashrate last_24h = 9;
  GigaHashrate since_restart = 10;
}
message WorkSolverStats {
  RealHashrate real_hashrate = 1;
  GigaHashrate nominal_hashrate = 2;
  MegaHashrate error_hashrate = 3;
}
message PoolStats { uint64 accepted_shares = 1; uint64 rejected_shares = 2; uint64 stale_shares = 3; }
message PowerStats { Power approximated_consumption = 1; PowerEfficiency efficiency = 2; }
message Stats { PoolStats pool_stats = 1; WorkSolverStats miner_stats = 2; PowerStats power_stats = 3; }

message ChipTemperature { Temperature temperature = 3; }
message Hashboard {
  string id = 1;
  bool enabled = 2;
  UInt32Value chips_count = 3;
  Voltage current_voltage = 4;
  Frequency current_frequency = 5;
  ChipTemperature highest_chip_temp = 6;
  Temperature board_temp = 7;
  WorkSolverStats stats = 8;
  Temperature lowest_inlet_temp = 10;
  Temperature highest_outlet_temp = 11;
  string serial_number = 12;
  Temperature lowest_water_inlet_temp = 15;
  Temperature highest_water_outlet_temp = 16;
}
message Hashboards { repeated Hashboard hashboards = 1; }

message ErrorCode { string code = 1; string reason = 2; string hint = 3; }
message Component { string name = 1; uint32 index = 2; }
message MinerError {
  string timestamp = 1;
  string message = 2;
  repeated ErrorCode error_codes = 3;
  repeated Component components = 4;
}
message Errors { repeated MinerError errors = 1; }

message Fan { uint32 position = 1; uint32 rpm = 2; double target_speed_ratio = 3; }
message CoolingState { repeated Fan fans = 1; }

message PowerTargetModeState { Power current_target = 2; }
message TunerState { int32 overall_tuner_state = 1; PowerTargetModeState power_target_mode_state = 2; }

message Light { bool enabled = 1; }
message SetLight { bool enable = 1; }
message Already { bool already = 1; }

message Pool {
  string uid = 1;
  string url = 2;
  string user = 3;
  bool enabled = 4;
  bool alive = 5;
  bool active = 6;
  PoolStats stats = 7;
}
message PoolGroup { string name = 1; repeated Pool pools = 4; string uid = 5; }
message PoolGroups { repeated PoolGroup pool_groups = 1; }

message Quota { uint32 value = 1; }
message NewPool { string url = 2; string user = 3; string password = 4; bool enabled = 5; }
message NewPoolGroup { string name = 2; Quota quota = 3; repeated NewPool pools = 5; }
message SetPoolGroups { int32 save_action = 1; repeated NewPoolGroup pool_groups = 2; }

message SetPower { int32 save_action = 1; Power power_target = 2; }
message PowerSet { Power power_target = 1; }

service AuthenticationService { rpc Login (LoginRequest) returns (LoginResponse); }
service MinerService {
  rpc GetMinerDetails (Empty) returns (Details);
  rpc GetMinerStats (Empty) returns (Stats);
  rpc GetErrors (Empty) returns (Errors);
  rpc GetHashboards (Empty) returns (Hashboards);
}
service CoolingService { rpc GetCoolingState (Empty) returns (CoolingState); }
service PoolService {
  rpc GetPoolGroups (Empty) returns (PoolGroups);
  rpc SetPoolGroups (SetPoolGroups) returns (Empty);
}
service PerformanceService {
  rpc GetTunerState (Empty) returns (TunerState);
  rpc SetPowerTarget (SetPower) returns (PowerSet);
}
service ActionsService {
  rpc Start (Empty) returns (Already);
  rpc PauseMining (Empty) returns (Already);
  rpc ResumeMining (Empty) returns (Already);
  rpc Restart (Empty) returns (Already);
  rpc Reboot (Empty) returns (Empty);
  rpc SetLocateDeviceStatus (SetLight) returns (Light);
  rpc GetLocateDeviceStatus (Empty) returns (Light);
}
`;

/** Of its answer the sheet has no fields: that it answers is all that is asked. */
const VERSION = `syntax = "proto3";
package braiins.bos;

message Nothing {}
service ApiVersionService { rpc GetApiVersion (Nothing) returns (Nothing); }
`;

/** 2 = save and apply (fact sheet 7.3). */
export const SAVE_AND_APPLY = 2;

export const grpc: GrpcApi = {
  messages: [V1, VERSION],
  login: {
    path: '/braiins.bos.v1.AuthenticationService/Login',
    request: ({ user, password }) => ({ username: user, password }),
    session: (reply) => textOf(property(reply, 'token')),
    metadata: (session) => ({ authorization: session }),
  },
};
