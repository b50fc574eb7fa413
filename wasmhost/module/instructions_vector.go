package module

// vectorRuns are the instructions that start with 0xfd.
var vectorRuns = []run{
	{0xfd00, MemargImmediate, 128, "i:v", "v128.load"},
	{0xfd01, MemargImmediate, 64, "i:v", `v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u
		v128.load32x2_s v128.load32x2_u`},
	{0xfd07, MemargImmediate, 8, "i:v", "v128.load8_splat"},
	{0xfd08, MemargImmediate, 16, "i:v", "v128.load16_splat"},
	{0xfd09, MemargImmediate, 32, "i:v", "v128.load32_splat"},
	{0xfd0a, MemargImmediate, 64, "i:v", "v128.load64_splat"},
	{0xfd0b, MemargImmediate, 128, "iv:", "v128.store"},
	{0xfd0c, V128Immediate, 0, ":v", "v128.const"},
	{0xfd0d, ShuffleImmediate, 32, "vv:v", "i8x16.shuffle"},
	{0xfd0e, NoImmediate, 0, "vv:v", "i8x16.swizzle"},

	{0xfd0f, NoImmediate, 0, "i:v", "i8x16.splat i16x8.splat i32x4.splat"},
	{0xfd12, NoImmediate, 0, "I:v", "i64x2.splat"},
	{0xfd13, NoImmediate, 0, "f:v", "f32x4.splat"},
	{0xfd14, NoImmediate, 0, "F:v", "f64x2.splat"},
	{0xfd15, LaneImmediate, 16, "v:i", "i8x16.extract_lane_s i8x16.extract_lane_u"},
	{0xfd17, LaneImmediate, 16, "vi:v", "i8x16.replace_lane"},
	{0xfd18, LaneImmediate, 8, "v:i", "i16x8.extract_lane_s i16x8.extract_lane_u"},
	{0xfd1a, LaneImmediate, 8, "vi:v", "i16x8.replace_lane"},
	{0xfd1b, LaneImmediate, 4, "v:i", "i32x4.extract_lane"},
	{0xfd1c, LaneImmediate, 4, "vi:v", "i32x4.replace_lane"},
	{0xfd1d, LaneImmediate, 2, "v:I", "i64x2.extract_lane"},
	{0xfd1e, LaneImmediate, 2, "vI:v", "i64x2.replace_lane"},
	{0xfd1f, LaneImmediate, 4, "v:f", "f32x4.extract_lane"},
	{0xfd20, LaneImmediate, 4, "vf:v", "f32x4.replace_lane"},
	{0xfd21, LaneImmediate, 2, "v:F", "f64x2.extract_lane"},
	{0xfd22, LaneImmediate, 2, "vF:v", "f64x2.replace_lane"},

	{0xfd23, NoImmediate, 0, "vv:v", `
		i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u
		i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u
		i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u
		f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge
		f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge`},
	{0xfd4d, NoImmediate, 0, "v:v", "v128.not"},
	{0xfd4e, NoImmediate, 0, "vv:v", "v128.and v128.andnot v128.or v128.xor"},
	{0xfd52, NoImmediate, 0, "vvv:v", "v128.bitselect"},
	{0xfd53, NoImmediate, 0, "v:i", "v128.any_true"},

	{0xfd54, MemargLaneImmediate, 8, "iv:v", "v128.load8_lane"},
	{0xfd55, MemargLaneImmediate, 16, "iv:v", "v128.load16_lane"},
	{0xfd56, MemargLaneImmediate, 32, "iv:v", "v128.load32_lane"},
	{0xfd57, MemargLaneImmediate, 64, "iv:v", "v128.load64_lane"},
	{0xfd58, MemargLaneImmediate, 8, "iv:", "v128.store8_lane"},
	{0xfd59, MemargLaneImmediate, 16, "iv:", "v128.store16_lane"},
	{0xfd5a, MemargLaneImmediate, 32, "iv:", "v128.store32_lane"},
	{0xfd5b, MemargLaneImmediate, 64, "iv:", "v128.store64_lane"},
	{0xfd5c, MemargImmediate, 32, "i:v", "v128.load32_zero"},
	{0xfd5d, MemargImmediate, 64, "i:v", "v128.load64_zero"},

	{0xfd5e, NoImmediate, 0, "v:v", "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4"},
	{0xfd60, NoImmediate, 0, "v:v", "i8x16.abs i8x16.neg i8x16.popcnt"},
	{0xfd63, NoImmediate, 0, "v:i", "i8x16.all_true i8x16.bitmask"},
	{0xfd65, NoImmediate, 0, "vv:v", "i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u"},
	{0xfd67, NoImmediate, 0, "v:v", "f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest"},
	{0xfd6b, NoImmediate, 0, "vi:v", "i8x16.shl i8x16.shr_s i8x16.shr_u"},
	{0xfd6e, NoImmediate, 0, "vv:v", `i8x16.add i8x16.add_sat_s i8x16.add_sat_u
		i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u`},
	{0xfd74, NoImmediate, 0, "v:v", "f64x2.ceil f64x2.floor"},
	{0xfd76, NoImmediate, 0, "vv:v", "i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u"},
	{0xfd7a, NoImmediate, 0, "v:v", "f64x2.trunc"},
	{0xfd7b, NoImmediate, 0, "vv:v", "i8x16.avgr_u"},
	{0xfd7c, NoImmediate, 0, "v:v", `i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u
		i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u`},

	{0xfd80, NoImmediate, 0, "v:v", "i16x8.abs i16x8.neg"},
	{0xfd82, NoImmediate, 0, "vv:v", "i16x8.q15mulr_sat_s"},
	{0xfd83, NoImmediate, 0, "v:i", "i16x8.all_true i16x8.bitmask"},
	{0xfd85, NoImmediate, 0, "vv:v", "i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u"},
	{0xfd87, NoImmediate, 0, "v:v", `i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s
		i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u`},
	{0xfd8b, NoImmediate, 0, "vi:v", "i16x8.shl i16x8.shr_s i16x8.shr_u"},
	{0xfd8e, NoImmediate, 0, "vv:v", `i16x8.add i16x8.add_sat_s i16x8.add_sat_u
		i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u`},
	{0xfd94, NoImmediate, 0, "v:v", "f64x2.nearest"},
	{0xfd95, NoImmediate, 0, "vv:v", "i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u"},
	{0xfd9b, NoImmediate, 0, "vv:v", `i16x8.avgr_u i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s
		i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u`},

	{0xfda0, NoImmediate, 0, "v:v", "i32x4.abs i32x4.neg"},
	{0xfda3, NoImmediate, 0, "v:i", "i32x4.all_true i32x4.bitmask"},
	{0xfda7, NoImmediate, 0, "v:v", `i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s
		i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u`},
	{0xfdab, NoImmediate, 0, "vi:v", "i32x4.shl i32x4.shr_s i32x4.shr_u"},
	{0xfdae, NoImmediate, 0, "vv:v", "i32x4.add"},
	{0xfdb1, NoImmediate, 0, "vv:v", "i32x4.sub"},
	{0xfdb5, NoImmediate, 0, "vv:v", `i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u
		i32x4.dot_i16x8_s`},
	{0xfdbc, NoImmediate, 0, "vv:v", `i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s
		i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u`},

	{0xfdc0, NoImmediate, 0, "v:v", "i64x2.abs i64x2.neg"},
	{0xfdc3, NoImmediate, 0, "v:i", "i64x2.all_true i64x2.bitmask"},
	{0xfdc7, NoImmediate, 0, "v:v", `i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s
		i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u`},
	{0xfdcb, NoImmediate, 0, "vi:v", "i64x2.shl i64x2.shr_s i64x2.shr_u"},
	{0xfdce, NoImmediate, 0, "vv:v", "i64x2.add"},
	{0xfdd1, NoImmediate, 0, "vv:v", "i64x2.sub"},
	{0xfdd5, NoImmediate, 0, "vv:v", `i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s
		i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u`},

	{0xfde0, NoImmediate, 0, "v:v", "f32x4.abs f32x4.neg"},
	{0xfde3, NoImmediate, 0, "v:v", "f32x4.sqrt"},
	{0xfde4, NoImmediate, 0, "vv:v", "f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax"},
	{0xfdec, NoImmediate, 0, "v:v", "f64x2.abs f64x2.neg"},
	{0xfdef, NoImmediate, 0, "v:v", "f64x2.sqrt"},
	{0xfdf0, NoImmediate, 0, "vv:v", "f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax"},
	{0xfdf8, NoImmediate, 0, "v:v", `i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u
		f32x4.convert_i32x4_s f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero
		f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u`},
}
