// N pairs of products that share an operand, from N multipliers of 27 x 18: sum of ((high << 18) + low) * shared.
// The U units sum 8 (shared: a code of u; low, high: x of two models), the V units 2 (shared: p; low, high: two
// codes of v). The low sum must fit 18 bits; where it is negative it has borrowed one from the high sum, which
// bit 17 gives back. Two registers. Hand RTL for open tools: evidence on a leaf block, not on what Vitis HLS emits.
module packed_sum #(parameter N = 8, parameter SHARED = 8) (
  input clk,
  input [8*N-1:0] high,
  input [8*N-1:0] low,
  input [SHARED*N-1:0] shared,
  output signed [17:0] high_sum,
  output signed [17:0] low_sum
);
  wire [36*N-1:0] products;
  genvar j;
  generate
    for (j = 0; j < N; j = j + 1) begin : multiplier
      wire signed [7:0] upper = high[8*j +: 8];
      wire signed [7:0] lower = low[8*j +: 8];
      reg signed [26:0] pair;
      reg signed [SHARED-1:0] operand;
      reg signed [35:0] product;
      always @(posedge clk) begin
        pair <= $signed({upper, 18'd0}) + lower;
        operand <= shared[SHARED*j +: SHARED];
        product <= pair * operand;
      end
      assign products[36*j +: 36] = product;
    end
  endgenerate

  reg signed [35:0] sum;
  integer i;
  always @* begin
    sum = 36'sd0;
    for (i = 0; i < N; i = i + 1) sum = sum + $signed(products[36*i +: 36]);
  end

  assign low_sum = sum[17:0];
`ifdef SEEDED_PACKED_SUM  // what was borrowed is not given back
  assign high_sum = sum[35:18];
`else
  assign high_sum = sum[35:18] + {17'd0, sum[17]};
`endif
endmodule
